// SPDX-License-Identifier: Apache-2.0
// Traces for tests, written as a table: one line per span.
import { buildTrace } from './build-trace';
import type { UnixNanos } from './time';
import { Flag, type SpanColumns, type Trace } from './trace';

export interface SpanLine {
  readonly id: string;
  readonly parent?: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly service?: string;
  readonly query?: string;
  readonly flags?: number;
}

export function columnsOf(lines: readonly SpanLine[]): SpanColumns {
  const strings = ['', ...new Set(lines.flatMap(({ name = 'work', query = '' }) => [name, query]))];
  const services = [...new Set(lines.map(({ service = 'shop' }) => service))].sort();
  const numbers = (read: (line: SpanLine) => number) => Uint32Array.from(lines, read);
  const service = numbers((line) => services.indexOf(line.service ?? 'shop'));
  return {
    traceId: 'a'.repeat(32),
    startTime: 1_000_000_000_000_000_000n as UnixNanos,
    size: lines.length,
    spanIds: lines.map(({ id }) => id),
    parentIds: lines.map(({ parent = '' }) => parent),
    start: Float64Array.from(lines, ({ start }) => start),
    duration: Float64Array.from(lines, ({ start, end }) => end - start),
    kind: new Uint8Array(lines.length),
    flags: Uint16Array.from(lines, ({ flags = 0, query }) => flags | (query === undefined ? 0 : Flag.database)),
    name: numbers((line) => strings.indexOf(line.name ?? 'work')),
    service,
    text: numbers((line) => strings.indexOf(line.query ?? '')),
    shape: numbers((line) => strings.indexOf(line.query ?? '')),
    painter: service,
    painters: services,
    strings,
    services,
    dropped: [],
  };
}

export function traceOf(lines: readonly SpanLine[]): Trace {
  return buildTrace(columnsOf(lines));
}
