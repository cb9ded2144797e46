// SPDX-License-Identifier: Apache-2.0
// OTLP JSON of one trace → columns. One pass over all spans; nothing is copied that is only needed for the selected span, and
// nothing a server sends makes it fail: rows that are no spans are left out and said so.
import { isTransactionControl, shapeOfQuery } from '../model/sql-text';
import { addNanos, parseUnixNanos, relativeReader, type UnixNanos } from '../model/time';
import { Flag, type SpanColumns } from '../model/trace';
import { asArray, asObject, asString, type JsonObject } from './json';
import { valueText } from './otlp-values';

/** Where a span came from: what the detail panel and the search in attributes read later. */
export interface RawSpan {
  readonly span: JsonObject;
  readonly resource: JsonObject;
  readonly scope: JsonObject;
}

export interface ParsedTrace {
  readonly columns: SpanColumns;
  readonly raw: readonly RawSpan[];
}

const mostDroppedReasons = 20;
const unnamedService = 'unknown_service';

/** Numbers strings in order of appearance; '' is 0. */
class Interner {
  readonly strings: string[] = [''];
  private readonly indexes = new Map<string, number>([['', 0]]);

  index(text: string): number {
    let found = this.indexes.get(text);
    if (found === undefined) {
      found = this.strings.push(text) - 1;
      this.indexes.set(text, found);
    }
    return found;
  }
}

interface Collected {
  readonly raw: RawSpan[];
  readonly serviceNames: string[];
  readonly dropped: string[];
}

function collect(answer: unknown): Collected {
  const body = asObject(answer);
  const collected: Collected = { raw: [], serviceNames: [], dropped: [] };
  for (const group of asArray(asObject(body.result ?? body).resourceSpans)) {
    const { resource: resourceValue, scopeSpans } = asObject(group);
    const resource = asObject(resourceValue);
    const service = serviceNameOf(resource);
    for (const scoped of asArray(scopeSpans)) {
      const { scope, spans } = asObject(scoped);
      for (const value of asArray(spans)) {
        const span = asObject(value);
        const complaint = unusable(span);
        if (complaint === null) {
          collected.raw.push({ span, resource, scope: asObject(scope) });
          collected.serviceNames.push(service);
        } else if (collected.dropped.length < mostDroppedReasons) collected.dropped.push(complaint);
      }
    }
  }
  return collected;
}

function unusable(span: JsonObject): string | null {
  const id = asString(span.spanId);
  if (id === '') return `a span without id${span.name ? ` ("${asString(span.name).slice(0, 60)}")` : ''}`;
  if (parseUnixNanos(span.startTimeUnixNano) === null) return `span ${id.slice(0, 32)}: its start is no time`;
  return null;
}

function serviceNameOf(resource: JsonObject): string {
  for (const item of asArray(resource.attributes)) {
    const { key, value } = asObject(item);
    if (key === 'service.name') return valueText(value) || unnamedService;
  }
  return unnamedService;
}

function hexId(value: unknown): string {
  const text = asString(value).toLowerCase();
  return /^0*$/.test(text) ? '' : text;
}

const kindByName: Record<string, number> = {
  SPAN_KIND_INTERNAL: 1,
  SPAN_KIND_SERVER: 2,
  SPAN_KIND_CLIENT: 3,
  SPAN_KIND_PRODUCER: 4,
  SPAN_KIND_CONSUMER: 5,
};

function kindOf(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 5) return value;
  return (typeof value === 'string' && kindByName[value]) || 0;
}

function isError(span: JsonObject): boolean {
  const { code } = asObject(span.status);
  return code === 2 || code === 'STATUS_CODE_ERROR';
}

interface DatabaseFacts {
  readonly isDatabase: boolean;
  readonly text: string;
  readonly system: string;
}

/** Old and new names of the conventions; the statement, or else what is known of it. */
function databaseFacts(span: JsonObject): DatabaseFacts {
  let isDatabase = false;
  let text = '';
  let summary = '';
  let system = '';
  for (const item of asArray(span.attributes)) {
    const { key, value } = asObject(item);
    if (typeof key !== 'string' || !(key.startsWith('db.') || key === 'sql.query')) continue;
    if (key === 'db.query.text' || key === 'db.statement' || key === 'sql.query') text = valueText(value) || text;
    else if (key === 'db.query.summary') summary = valueText(value);
    else if (key === 'db.system.name' || key === 'db.system') system = valueText(value) || system;
    else if (key !== 'db.operation.name' && key !== 'db.operation') continue;
    isDatabase = true;
  }
  return { isDatabase, text: text || summary, system };
}

export function parseTrace(answer: unknown, traceId: string): ParsedTrace {
  const { raw, serviceNames, dropped } = collect(answer);
  const size = raw.length;
  const services = [...new Set(serviceNames)].sort();
  const serviceIndex = new Map(services.map((name, index) => [name, index]));
  const interner = new Interner();
  const painters = new Interner();
  const shapes = new Map<number, number>();
  const columns = emptyColumns(size);

  const base = parseUnixNanos(raw[0]?.span.startTimeUnixNano) ?? (0n as UnixNanos);
  const relative = relativeReader(base);
  let earliest = 0;
  const spanIds: string[] = new Array(size);
  const parentIds: string[] = new Array(size);

  for (let at = 0; at < size; at++) {
    const { span } = raw[at];
    spanIds[at] = asString(span.spanId).toLowerCase();
    parentIds[at] = hexId(span.parentSpanId);
    const start = relative(span.startTimeUnixNano);
    const duration = relative(span.endTimeUnixNano) - start;
    earliest = Math.min(earliest, start);
    columns.start[at] = start;
    columns.duration[at] = duration > 0 ? duration : 0;
    columns.kind[at] = kindOf(span.kind);
    columns.name[at] = interner.index(asString(span.name));
    columns.service[at] = serviceIndex.get(serviceNames[at]) as number;
    const { isDatabase, text, system } = databaseFacts(span);
    columns.painter[at] = painters.index(system || serviceNames[at]);
    if (isDatabase) {
      const index = interner.index(text);
      columns.text[at] = index;
      if (!shapes.has(index)) shapes.set(index, interner.index(shapeOfQuery(text)));
      columns.shape[at] = shapes.get(index) as number;
    }
    columns.flags[at] =
      (isError(span) ? Flag.error : 0) |
      (isDatabase ? Flag.database : 0) |
      (isDatabase && isTransactionControl(text || asString(span.name)) ? Flag.transaction : 0) |
      (asArray(span.events).length > 0 ? Flag.events : 0) |
      (asArray(span.links).length > 0 ? Flag.links : 0) |
      (duration >= 0 ? 0 : Flag.warnings);
  }
  for (let at = 0; at < size; at++) columns.start[at] -= earliest;
  const startTime = addNanos(base, earliest);
  return {
    raw,
    columns: {
      ...columns,
      traceId,
      startTime,
      size,
      spanIds,
      parentIds,
      strings: interner.strings,
      painters: painters.strings,
      services,
      dropped,
    },
  };
}

function emptyColumns(size: number) {
  return {
    start: new Float64Array(size),
    duration: new Float64Array(size),
    kind: new Uint8Array(size),
    flags: new Uint16Array(size),
    name: new Uint32Array(size),
    service: new Uint32Array(size),
    text: new Uint32Array(size),
    shape: new Uint32Array(size),
    painter: new Uint32Array(size),
  };
}
