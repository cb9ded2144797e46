// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { loadTrace } from '../../api/trace-client';
import { addNanos, toMillis } from '../../model/time';
import type { Trace } from '../../model/trace';

const youngMs = 60_000;
const orphanedYoungMs = 300_000;
const pollMs = 3_000;
/** Looking for late spans takes at most this share of the time: a trace that loads for a second is asked for every ten. */
const pollShare = 0.1;

/** Spans of a young trace are still on their way; one with lost parents is given more time. */
export function isYoung(trace: Trace, nowMs: number): boolean {
  const age = nowMs - toMillis(addNanos(trace.startTime, trace.totalDuration));
  return age < (trace.summary.orphanCount > 0 ? orphanedYoungMs : youngMs);
}

export function useTrace(traceId: string) {
  const client = useQueryClient();
  const loadMs = useRef(0);
  const queryKey = ['trace', traceId];
  return useQuery({
    queryKey,
    queryFn: async (): Promise<Trace> => {
      const before = client.getQueryData<Trace>(queryKey);
      const begin = performance.now();
      const loaded = await loadTrace(traceId, before === undefined);
      loadMs.current = performance.now() - begin;
      // Nothing new: the same object, so nothing on the page is computed again.
      return (loaded ?? before) as Trace;
    },
    // Comparing a hundred thousand spans field by field would cost more than drawing them.
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) =>
      state.data && isYoung(state.data, Date.now()) ? Math.max(pollMs, loadMs.current / pollShare) : false,
  });
}
