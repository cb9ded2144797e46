// SPDX-License-Identifier: Apache-2.0
import { parseTraceId } from '../lib/ids';
import { parseUnixNanos } from '../model/time';
import type { ServiceShare, TraceItem } from '../model/trace-list';
import { apiUrl } from './address';
import { fetchJson } from './errors';
import { asArray, asCount, asObject, asString, warnDropped } from './json';

export interface SummaryQuery {
  readonly service: string;
  readonly operation: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Go durations, '' for none. */
  readonly minDuration: string;
  readonly maxDuration: string;
  /** Milliseconds of Unix time. */
  readonly startMs: number;
  readonly endMs: number;
  readonly limit: number;
}

export async function fetchSummaries(query: SummaryQuery, signal?: AbortSignal): Promise<TraceItem[]> {
  return readSummaries(await fetchJson(apiUrl('v3/trace-summaries', summaryParams(query)), signal));
}

export function summaryParams(query: SummaryQuery): URLSearchParams {
  const params = new URLSearchParams({
    'query.startTimeMin': new Date(query.startMs).toISOString(),
    'query.startTimeMax': new Date(query.endMs).toISOString(),
    'query.searchDepth': String(query.limit),
  });
  if (query.service) params.set('query.serviceName', query.service);
  if (query.operation) params.set('query.operationName', query.operation);
  if (query.minDuration) params.set('query.durationMin', query.minDuration);
  if (query.maxDuration) params.set('query.durationMax', query.maxDuration);
  if (Object.keys(query.attributes).length > 0) params.set('query.attributes', JSON.stringify(query.attributes));
  return params;
}

/** A row without a usable id or start is left out, nothing else is required of one. */
export function readSummaries(answer: unknown): TraceItem[] {
  const rows = asArray(asObject(answer).summaries);
  const items = new Map<string, TraceItem>();
  let dropped = 0;
  for (const row of rows) {
    const item = readSummary(row);
    if (item) items.set(item.traceId, item);
    else dropped++;
  }
  warnDropped('trace-summaries', dropped);
  return [...items.values()];
}

function readSummary(row: unknown): TraceItem | null {
  const summary = asObject(row);
  const traceId = parseTraceId(asString(summary.traceId ?? summary.traceID));
  const startTime = parseUnixNanos(summary.minStartTimeUnixNano);
  const endTime = parseUnixNanos(summary.maxEndTimeUnixNano);
  if (traceId === null || startTime === null) return null;
  return {
    traceId,
    rootService: asString(summary.rootServiceName),
    rootOperation: asString(summary.rootOperationName),
    startTime,
    duration: endTime !== null && endTime > startTime ? Number(endTime - startTime) : 0,
    spanCount: asCount(summary.spanCount),
    // proto3 JSON leaves zeros out: a row that counts spans has no errors unless it says so.
    errorSpanCount: asCount(summary.errorSpanCount) ?? (asCount(summary.spanCount) === null ? null : 0),
    orphanSpanCount: asCount(summary.orphanSpanCount) ?? 0,
    services: asArray(summary.services).flatMap(readShare),
  };
}

function readShare(value: unknown): ServiceShare[] {
  const share = asObject(value);
  const name = asString(share.name);
  if (name === '') return [];
  return [{ name, spanCount: asCount(share.spanCount) ?? 0, errorSpanCount: asCount(share.errorSpanCount) ?? 0 }];
}
