// SPDX-License-Identifier: Apache-2.0
import type { UnixNanos } from './time';

export interface ServiceShare {
  readonly name: string;
  readonly spanCount: number;
  readonly errorSpanCount: number;
}

/** One row of the search results. */
export interface TraceItem {
  readonly traceId: string;
  readonly rootService: string;
  readonly rootOperation: string;
  readonly startTime: UnixNanos;
  /** ns */
  readonly duration: number;
  /** null when the server does not count. */
  readonly spanCount: number | null;
  readonly errorSpanCount: number | null;
  readonly orphanSpanCount: number;
  readonly services: readonly ServiceShare[];
}

export const traceOrders = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  longest: 'Longest first',
  shortest: 'Shortest first',
  'most-spans': 'Most spans',
  'most-errors': 'Most errors',
} as const;

export type TraceOrder = keyof typeof traceOrders;

export function isTraceOrder(text: string | null): text is TraceOrder {
  return text !== null && Object.hasOwn(traceOrders, text);
}

const byStart = (a: TraceItem, b: TraceItem) => (a.startTime < b.startTime ? -1 : a.startTime > b.startTime ? 1 : 0);

const comparers: Record<TraceOrder, (a: TraceItem, b: TraceItem) => number> = {
  newest: (a, b) => byStart(b, a),
  oldest: byStart,
  longest: (a, b) => b.duration - a.duration,
  shortest: (a, b) => a.duration - b.duration,
  'most-spans': (a, b) => (b.spanCount ?? 0) - (a.spanCount ?? 0),
  'most-errors': (a, b) => (b.errorSpanCount ?? 0) - (a.errorSpanCount ?? 0),
};

/** Equal rows stay newest first, so an order never looks random. */
export function sortTraces(items: readonly TraceItem[], order: TraceOrder): TraceItem[] {
  return items.toSorted((a, b) => comparers[order](a, b) || byStart(b, a));
}
