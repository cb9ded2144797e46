// SPDX-License-Identifier: Apache-2.0
import { type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { drawOverview } from '../../canvas/overview';
import { prepare } from '../../canvas/surface';
import { clampWindow, isWhole, lengthOf, type TimeWindow } from '../../model/time-window';
import type { Trace } from '../../model/trace';
import { visibleRows } from '../../model/visible-rows';
import { usePalette } from './usePalette';
import { useSize } from './useSize';

interface MinimapProps {
  readonly trace: Trace;
  readonly window: TimeWindow;
  readonly setWindow: (window: TimeWindow) => void;
}

type Grip = 'draw' | 'move' | 'from' | 'to';

interface Drag {
  readonly grip: Grip;
  readonly startX: number;
  readonly startWindow: TimeWindow;
}

const height = 46;
const leastDrag = 4;
const everything = { grouped: true, folded: new Set<number>(), opened: new Set<number>() };

/** Drag on free ground draws a window, on the window moves it, on its edges changes it. */
export function Minimap({ trace, window, setWindow }: MinimapProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(box);
  const palette = usePalette(trace);
  const rows = useMemo(() => visibleRows(trace, everything), [trace]);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [draft, setDraft] = useState<TimeWindow | null>(null);
  const total = Math.max(1, trace.totalDuration);

  useLayoutEffect(() => {
    const context = canvas.current && width > 0 ? prepare(canvas.current, width, height) : null;
    if (context) drawOverview(context, trace, rows, palette, width, height);
  }, [trace, rows, palette, width]);

  const shown = draft ?? window;
  const whole = isWhole(shown, trace.totalDuration);
  const percent = (time: number) => `${Math.min(100, Math.max(0, (time / total) * 100))}%`;

  const begin = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const wanted = (event.target as HTMLElement).dataset.grip as Grip | undefined;
    const grip = wanted === undefined || (wanted === 'move' && whole) ? 'draw' : wanted;
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ grip, startX: event.clientX, startWindow: window });
  };
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (!drag || !box.current) return;
    const { left } = box.current.getBoundingClientRect();
    const at = (x: number) => ((x - left) / width) * total;
    setDraft(draggedWindow(drag, at(drag.startX), at(event.clientX), total));
  };
  const end = (event: PointerEvent<HTMLDivElement>) => {
    if (drag && draft && Math.abs(event.clientX - drag.startX) >= leastDrag) setWindow(draft);
    setDrag(null);
    setDraft(null);
  };

  return (
    <div
      ref={box}
      className="minimap"
      data-testid="minimap"
      role="img"
      aria-label="Overview of the trace; the keys z and 0 zoom, too"
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => setWindow({ from: 0, to: trace.totalDuration })}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <i className="minimap-shade" style={{ left: 0, width: percent(shown.from) }} />
      <i className="minimap-shade" style={{ left: percent(shown.to), right: 0 }} />
      <i
        className={`minimap-window${whole ? ' whole' : ''}`}
        data-grip="move"
        style={{ left: percent(shown.from), width: percent(lengthOf(shown)) }}
      >
        {!whole && <b data-grip="from" />}
        {!whole && <b data-grip="to" />}
      </i>
    </div>
  );
}

function draggedWindow({ grip, startWindow }: Drag, startTime: number, time: number, total: number): TimeWindow {
  const delta = time - startTime;
  if (grip === 'move') {
    return clampWindow({ from: startWindow.from + delta, to: startWindow.to + delta }, total);
  }
  const [a, b] =
    grip === 'from'
      ? [startWindow.from + delta, startWindow.to]
      : grip === 'to'
        ? [startWindow.from, startWindow.to + delta]
        : [startTime, time];
  const within = (value: number) => Math.min(total, Math.max(0, value));
  return clampWindow({ from: within(Math.min(a, b)), to: within(Math.max(a, b)) }, total);
}
