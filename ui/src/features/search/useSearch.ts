// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { fetchOperations, fetchServices } from '../../api/services';
import { fetchSummaries } from '../../api/summaries';
import { fetchTraceItems } from '../../api/trace-items';
import { config } from '../../state/config';
import { type SearchDefaults, type SearchParams, windowOf } from './params';

export const defaults: SearchDefaults = { lookback: config.defaultLookback, limit: 20, maxLimit: config.maxLimit };

const emptyPollMs = 2000;

/** Asks again while there is nothing: the page notices the first data by itself. */
export function useServices() {
  return useQuery({
    queryKey: ['services'],
    queryFn: ({ signal }) => fetchServices(signal),
    staleTime: 30_000,
    refetchInterval: ({ state }) => (state.data?.length ? false : emptyPollMs),
  });
}

export function useOperations(service: string) {
  return useQuery({
    queryKey: ['operations', service],
    queryFn: ({ signal }) => fetchOperations(service, signal),
    enabled: service !== '',
    staleTime: 30_000,
  });
}

/** @param query the address of the search: the same address is the same answer until it is asked for again */
export function useTraces(search: SearchParams, query: string) {
  return useQuery({
    queryKey: ['traces', query],
    queryFn: ({ signal }) =>
      search.traceIds.length > 0
        ? fetchTraceItems(search.traceIds)
        : fetchSummaries({ ...search, ...windowOf(search, Date.now()) }, signal),
    // The old list stays until the new one is there.
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) =>
      state.data?.length === 0 && search.lookback !== 'custom' && search.traceIds.length === 0 ? emptyPollMs : false,
  });
}
