// SPDX-License-Identifier: Apache-2.0
import type { RelativeNanos } from './time';

/** The part of a trace that fills the width of the lane. */
export interface TimeWindow {
  readonly from: RelativeNanos;
  readonly to: RelativeNanos;
}

/** A nanosecond fills the screen, and doubles still place it: closer makes no sense. */
const narrowest = 100;

export function lengthOf({ from, to }: TimeWindow): number {
  return to - from;
}

export function clampWindow(window: TimeWindow, total: number): TimeWindow {
  const whole = Math.max(total, narrowest);
  const length = Math.min(Math.max(lengthOf(window), narrowest), whole);
  const from = Math.min(Math.max(0, window.from), whole - length);
  return { from, to: from + length };
}

export function zoomAround(window: TimeWindow, center: number, factor: number, total: number): TimeWindow {
  const from = center - (center - window.from) * factor;
  return clampWindow({ from, to: from + lengthOf(window) * factor }, total);
}

/** A little air on both sides, so that the edges of a span are seen to be edges. */
export function windowAround(from: number, to: number, total: number): TimeWindow {
  const air = Math.max(to - from, narrowest) * 0.04;
  return clampWindow({ from: from - air, to: to + air }, total);
}

export function isWhole(window: TimeWindow, total: number): boolean {
  return window.from <= 0 && window.to >= total;
}
