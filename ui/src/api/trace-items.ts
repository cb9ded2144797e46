// SPDX-License-Identifier: Apache-2.0
// Traces named in a link (traceID=…): no list answers those, so each is loaded and summed up here.
import type { Trace } from '../model/trace';
import { Flag, hasFlag, nameOf, serviceOf } from '../model/trace';
import type { TraceItem } from '../model/trace-list';
import { ApiError } from './errors';
import { loadTrace } from './trace-client';

export const mostNamedTraces = 20;

export function summarizeTrace(trace: Trace): TraceItem {
  const shares = trace.services.map((name) => ({ name, spanCount: 0, errorSpanCount: 0 }));
  for (let span = 0; span < trace.size; span++) {
    const share = shares[trace.service[span]];
    share.spanCount++;
    if (hasFlag(trace, span, Flag.error)) share.errorSpanCount++;
  }
  const root = trace.roots.find((span) => !hasFlag(trace, span, Flag.orphan)) ?? trace.roots[0];
  return {
    traceId: trace.traceId,
    rootService: serviceOf(trace, root),
    rootOperation: nameOf(trace, root),
    startTime: trace.startTime,
    duration: trace.totalDuration,
    spanCount: trace.size,
    errorSpanCount: trace.summary.errorCount,
    orphanSpanCount: trace.summary.orphanCount,
    services: shares,
  };
}

/** Traces that are not there (any more) are left out; any other failure is one of the whole list. */
export async function fetchTraceItems(traceIds: readonly string[]): Promise<TraceItem[]> {
  const items: TraceItem[] = [];
  for (const traceId of traceIds.slice(0, mostNamedTraces)) {
    try {
      const trace = await loadTrace(traceId, true);
      if (trace) items.push(summarizeTrace(trace));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }
  return items;
}
