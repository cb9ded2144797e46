// SPDX-License-Identifier: Apache-2.0
// The address of a search. Reads everything Jaeger's search page accepts and writes the same names, so links work both ways.
import { parseDuration, parseLookback, toGoDuration } from '../../lib/duration';
import { parseTraceId } from '../../lib/ids';
import { isTraceOrder, type TraceOrder } from '../../model/trace-list';

export interface SearchParams {
  readonly service: string;
  readonly operation: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly minDuration: string;
  readonly maxDuration: string;
  /** A window that moves with the clock ("1h"), or 'custom' with start and end. */
  readonly lookback: string;
  /** ms of Unix time; null unless custom. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly limit: number;
  readonly order: TraceOrder;
  readonly traceIds: readonly string[];
  /** What of the address could not be read, in words. */
  readonly problems: readonly string[];
}

export interface SearchDefaults {
  readonly lookback: string;
  readonly limit: number;
  readonly maxLimit: number;
}

const noService = '__all_services__';
const noOperations = ['__all_operations__', 'all'];

export function readSearchParams(query: string, defaults: SearchDefaults): SearchParams {
  const params = new URLSearchParams(query);
  const problems: string[] = [];
  const service = params.get('service') ?? '';
  const operation = params.get('operation') ?? '';
  const startMs = microsToMs(params.get('start'));
  const endMs = microsToMs(params.get('end'));
  // A link with both ends means exactly that window, whatever lookback it was made with.
  const custom = startMs !== null && endMs !== null && endMs > startMs;
  const lookback = params.get('lookback') ?? defaults.lookback;
  const known = parseLookback(lookback) !== null;
  if (!known && lookback !== 'custom') problems.push(`lookback "${lookback}" is none; want 5m, 1h, 2d, …`);
  const order = params.get('order');
  return {
    service: service === noService ? '' : service,
    operation: noOperations.includes(operation) ? '' : operation,
    attributes: { ...readTags(params.getAll('tags'), problems), ...readPairs(params.getAll('tag'), problems) },
    minDuration: readDuration(params, 'minDuration', problems),
    maxDuration: readDuration(params, 'maxDuration', problems),
    lookback: custom ? 'custom' : known ? lookback : defaults.lookback,
    startMs: custom ? startMs : null,
    endMs: custom ? endMs : null,
    limit: readLimit(params.get('limit'), defaults, problems),
    order: isTraceOrder(order) ? order : 'newest',
    traceIds: readTraceIds(params.getAll('traceID'), problems),
    problems,
  };
}

function microsToMs(text: string | null): number | null {
  return text !== null && /^\d{1,17}$/.test(text) ? Number(text) / 1000 : null;
}

function readTags(values: readonly string[], problems: string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const value of values) {
    if (value === '') continue;
    try {
      const parsed: unknown = JSON.parse(value);
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error('no object');
      for (const [key, item] of Object.entries(parsed))
        tags[key] = typeof item === 'string' ? item : JSON.stringify(item);
    } catch {
      problems.push(`tags ${value.slice(0, 60)} is no JSON object; want {"key":"value"}`);
    }
  }
  return tags;
}

function readPairs(values: readonly string[], problems: string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const value of values) {
    const colon = value.indexOf(':');
    if (colon > 0) tags[value.slice(0, colon)] = value.slice(colon + 1);
    else problems.push(`tag "${value.slice(0, 60)}" has no value; want key:value`);
  }
  return tags;
}

function readDuration(params: URLSearchParams, name: string, problems: string[]): string {
  const text = params.get(name) ?? '';
  if (text === '') return '';
  if (parseDuration(text) !== null) return toGoDuration(text);
  problems.push(`${name} "${text.slice(0, 40)}" is no duration; want 100ms, 1.2s, 500us`);
  return '';
}

function readLimit(text: string | null, { limit, maxLimit }: SearchDefaults, problems: string[]): number {
  if (text === null || text === '') return limit;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return Math.min(value, maxLimit);
  problems.push(`limit "${text.slice(0, 20)}" is no count; want 1 to ${maxLimit}`);
  return limit;
}

function readTraceIds(values: readonly string[], problems: string[]): string[] {
  const ids = new Set<string>();
  for (const value of values) {
    const id = parseTraceId(value);
    if (id) ids.add(id);
    else problems.push(`traceID "${value.slice(0, 40)}" is none; want up to 32 hex digits`);
  }
  return [...ids];
}

/** Only what differs from the default, in a fixed order: equal searches have equal addresses. */
export function writeSearchParams(search: Omit<SearchParams, 'problems'>, defaults: SearchDefaults): string {
  const params = new URLSearchParams();
  for (const name of ['service', 'operation', 'minDuration', 'maxDuration'] as const) {
    if (search[name]) params.set(name, search[name]);
  }
  if (Object.keys(search.attributes).length > 0) params.set('tags', JSON.stringify(search.attributes));
  if (search.lookback === 'custom' && search.startMs !== null && search.endMs !== null) {
    params.set('lookback', 'custom');
    params.set('start', String(Math.round(search.startMs * 1000)));
    params.set('end', String(Math.round(search.endMs * 1000)));
  } else if (search.lookback !== defaults.lookback) params.set('lookback', search.lookback);
  if (search.limit !== defaults.limit) params.set('limit', String(search.limit));
  if (search.order !== 'newest') params.set('order', search.order);
  for (const id of search.traceIds) params.append('traceID', id);
  return params.toString();
}

/** `span=<id> <id>@<traceID>`: Jaeger's link to spans inside a trace. Returns the page that shows them. */
export function spanLink(query: string): { path: string; query: string } | null {
  const spans = new URLSearchParams(query).getAll('span');
  if (spans.length !== 1) return null;
  const at = spans[0].lastIndexOf('@');
  const traceId = parseTraceId(spans[0].slice(at + 1));
  if (at < 1 || traceId === null) return null;
  return { path: `/trace/${traceId}`, query: new URLSearchParams({ uiFind: spans[0].slice(0, at) }).toString() };
}

/** The window in ms; a moving one ends now. */
export function windowOf(search: SearchParams, nowMs: number): { startMs: number; endMs: number } {
  if (search.startMs !== null && search.endMs !== null) return { startMs: search.startMs, endMs: search.endMs };
  return { startMs: nowMs - (parseLookback(search.lookback) ?? 3_600_000), endMs: nowMs };
}

/** `key=value` or `key="va lue"` as typed; null when it is no pair. */
export function parsePair(text: string): readonly [key: string, value: string] | null {
  const match = /^\s*([^=\s"]+)\s*(?:=|:)\s*(?:"([^"]*)"|(.*?))\s*$/.exec(text);
  if (!match) return null;
  return [match[1].replace(/:$/, ''), match[2] ?? match[3]];
}
