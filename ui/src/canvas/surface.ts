// SPDX-License-Identifier: Apache-2.0

/** Sizes a canvas for the pixels of this screen and returns it ready to draw in CSS pixels, cleared. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(width * ratio));
  const high = Math.max(1, Math.round(height * ratio));
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** The colours a canvas needs, read from the tokens of the theme. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly error: string;
  readonly critical: string;
  readonly barText: string;
  readonly barShade: string;
  readonly sans: string;
  /** By index of the painters of the trace. */
  readonly painters: readonly string[];
}

export function readPalette(paint: (lightness: number, chroma: number) => readonly string[]): Palette {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: token('text'),
    muted: token('muted'),
    line: token('line'),
    error: token('error'),
    critical: token('critical'),
    barText: token('bar-text'),
    barShade: token('bar-shade'),
    sans: token('sans'),
    painters: paint(Number(token('service-l')), Number(token('service-c'))),
  };
}
