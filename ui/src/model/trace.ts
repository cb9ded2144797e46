// SPDX-License-Identifier: Apache-2.0
// A trace as columns: 100,000 spans are a dozen typed arrays, which pass from the worker without copying and are walked without
// making objects. A span is its index. What is read one span at a time (attributes, events) stays in the worker: see SpanDetail.
import type { RelativeNanos, UnixNanos } from './time';

/** Numbers of OTLP. */
export const SpanKind = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export const kindNames = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export const Flag = {
  error: 1,
  /** A call of a database: carries a db.* system, statement or operation. */
  database: 2,
  /** Names a parent that is not in the trace (yet). */
  orphan: 4,
  events: 8,
  links: 16,
  warnings: 32,
  /** BEGIN, COMMIT and the like: database time, but no query. */
  transaction: 64,
} as const;

/** What the API boundary delivers, in the order of arrival. */
export interface SpanColumns {
  readonly traceId: string;
  /** Start of the earliest span; every start below is relative to it. */
  readonly startTime: UnixNanos;
  readonly size: number;
  readonly spanIds: readonly string[];
  /** '' for none. Only in the worker: the page has `parent`. */
  readonly parentIds: readonly string[];
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly kind: Uint8Array;
  readonly flags: Uint16Array;
  /** Indexes into strings, services, strings. */
  readonly name: Uint32Array;
  readonly service: Uint32Array;
  readonly text: Uint32Array;
  /** What makes two queries the same: index of the text without its literals. */
  readonly shape: Uint32Array;
  /** Whose colour a span has, an index into painters: its service, or the system a database call goes to. */
  readonly painter: Uint32Array;
  readonly painters: readonly string[];
  /** strings[0] is ''. */
  readonly strings: readonly string[];
  /** Sorted by name. */
  readonly services: readonly string[];
  /** Rows that could not be read, in words; bounded. */
  readonly dropped: readonly string[];
}

/** Variable-length lists in two arrays: list i is values[offsets[i]] … values[offsets[i + 1]]. */
export interface Lists<T extends Uint32Array | Float64Array> {
  readonly offsets: Uint32Array;
  readonly values: T;
}

/** Intervals of a span: pairs of start and end, relative to the trace. */
export type Segments = Lists<Float64Array>;

export interface SiblingGroups {
  /** Spans of each group in order of start; the first stands for the group. */
  readonly members: Lists<Uint32Array>;
  /** Group of a span, or -1. */
  readonly groupOf: Int32Array;
}

export interface TraceSummary {
  readonly errorCount: number;
  readonly orphanCount: number;
  readonly depth: number;
  readonly database: DatabaseSummary | null;
}

export interface DatabaseSummary {
  /** ns during which the trace waited for a database. */
  readonly criticalTime: number;
  readonly totalTime: number;
  readonly queries: number;
  readonly distinct: number;
}

export interface Trace extends SpanColumns {
  /** From the earliest start to the latest end. */
  readonly totalDuration: RelativeNanos;
  /** Index of the parent or -1; cycles are cut. */
  readonly parent: Int32Array;
  readonly depth: Uint32Array;
  /** Children in order of start. */
  readonly children: Lists<Uint32Array>;
  readonly roots: Uint32Array;
  /** Every span once, parents before children, siblings in order of start. */
  readonly preorder: Uint32Array;
  /** Spans below this one, all levels. */
  readonly descendants: Uint32Array;
  /** Errors below this one, all levels: a folded row must not hide them. */
  readonly errorsBelow: Uint32Array;
  readonly selfTime: Float64Array;
  /** When a span with children works itself. */
  readonly selfSegments: Segments;
  readonly critical: Segments;
  readonly groups: SiblingGroups;
  readonly summary: TraceSummary;
}

export type AttributeType = 'string' | 'int' | 'double' | 'bool' | 'array' | 'map' | 'bytes' | 'empty';

export interface Attribute {
  readonly key: string;
  readonly type: AttributeType;
  /** As text; arrays and maps as JSON. 64-bit integers keep all digits. */
  readonly value: string;
}

export interface SpanEvent {
  readonly name: string;
  readonly time: RelativeNanos;
  readonly attributes: readonly Attribute[];
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly Attribute[];
}

export interface SpanDetail {
  readonly attributes: readonly Attribute[];
  readonly resource: readonly Attribute[];
  readonly scope: { readonly name: string; readonly version: string; readonly attributes: readonly Attribute[] };
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly warnings: readonly string[];
  readonly statusMessage: string;
  readonly traceState: string;
  /** The span as it came, indented. */
  readonly json: string;
}

/** An event of any span, for the list of all events. */
export interface TraceEvent {
  readonly span: number;
  readonly event: SpanEvent;
}

export function listOf<T extends Uint32Array | Float64Array>(lists: Lists<T>, index: number): T {
  return lists.values.subarray(lists.offsets[index], lists.offsets[index + 1]) as T;
}

export function nameOf(trace: SpanColumns, span: number): string {
  return trace.strings[trace.name[span]];
}

export function serviceOf(trace: SpanColumns, span: number): string {
  return trace.services[trace.service[span]];
}

export function painterOf(trace: SpanColumns, span: number): string {
  return trace.painters[trace.painter[span]];
}

export function textOf(trace: SpanColumns, span: number): string {
  return trace.strings[trace.text[span]];
}

export function hasFlag(trace: SpanColumns, span: number, flag: number): boolean {
  return (trace.flags[span] & flag) !== 0;
}

export function endOf(trace: SpanColumns, span: number): RelativeNanos {
  return trace.start[span] + trace.duration[span];
}
