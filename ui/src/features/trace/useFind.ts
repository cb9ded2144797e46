// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { findInTrace } from '../../api/trace-client';
import type { Trace } from '../../model/trace';

export interface Matches {
  /** In the order of the rows. */
  readonly spans: Uint32Array;
  /** 1 for each span that matches. */
  readonly mask: Uint8Array;
}

/** null while nothing is looked for, or before the first answer. */
export function useFind(trace: Trace, text: string, positions: Uint32Array): Matches | null {
  const found = useQuery({
    queryKey: ['find', trace.traceId, trace.size, text],
    queryFn: () => findInTrace(trace.traceId, text),
    enabled: text !== '',
    placeholderData: keepPreviousData,
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const spans = text === '' ? undefined : found.data;
  return useMemo(() => {
    if (!spans) return null;
    const mask = new Uint8Array(trace.size);
    for (const span of spans) mask[span] = 1;
    return { spans: spans.slice().sort((a, b) => positions[a] - positions[b]), mask };
  }, [spans, trace, positions]);
}
