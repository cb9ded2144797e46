// SPDX-License-Identifier: Apache-2.0
// What one span carries, read when it is looked at.

import { matchesAttribute, matchesText, parseFind } from '../model/find-spans';
import { parseUnixNanos, type UnixNanos } from '../model/time';
import {
  Flag,
  hasFlag,
  type SpanDetail,
  type SpanEvent,
  type SpanLink,
  type Trace,
  type TraceEvent,
} from '../model/trace';
import { asArray, asCount, asObject, asString, type JsonObject } from './json';
import type { RawSpan } from './otlp-trace';
import { readAttributes, valueText } from './otlp-values';

function readEvents(span: JsonObject, traceStart: UnixNanos): SpanEvent[] {
  return asArray(span.events).map((value) => {
    const event = asObject(value);
    const time = parseUnixNanos(event.timeUnixNano);
    return {
      name: asString(event.name),
      time: time === null ? Number.NaN : Number(time - traceStart),
      attributes: readAttributes(event.attributes),
    };
  });
}

function readLinks(span: JsonObject): SpanLink[] {
  return asArray(span.links).map((value) => {
    const link = asObject(value);
    return {
      traceId: asString(link.traceId),
      spanId: asString(link.spanId),
      attributes: readAttributes(link.attributes),
    };
  });
}

function warningsOf(trace: Trace, index: number, span: JsonObject): string[] {
  const warnings: string[] = [];
  const parentId = trace.parentIds[index];
  const first = trace.spanIds.indexOf(trace.spanIds[index]);
  if (hasFlag(trace, index, Flag.orphan)) {
    const circle = trace.spanIds.includes(parentId);
    warnings.push(
      circle
        ? 'Its parents form a circle; it is shown as a root.'
        : `Its parent ${parentId} is not in this trace: lost, not sampled, or still on its way.`,
    );
  }
  if (first !== index) warnings.push('Another span of this trace has the same id.');
  const start = parseUnixNanos(span.startTimeUnixNano);
  const end = parseUnixNanos(span.endTimeUnixNano);
  if (end === null) warnings.push('It has no end; it is drawn without length.');
  else if (start !== null && end < start) warnings.push('It ends before it starts; it is drawn without length.');
  const parent = trace.parent[index];
  if (parent >= 0 && trace.start[index] < trace.start[parent]) {
    warnings.push('It starts before its parent: the clocks of the two hosts differ.');
  }
  for (const what of ['Attributes', 'Events', 'Links']) {
    const count = asCount(span[`dropped${what}Count`]) ?? 0;
    if (count > 0) warnings.push(`The SDK dropped ${count} of its ${what.toLowerCase()}.`);
  }
  return warnings;
}

export function readDetail(trace: Trace, raw: readonly RawSpan[], index: number): SpanDetail {
  const { span, resource, scope } = raw[index];
  return {
    attributes: readAttributes(span.attributes),
    resource: readAttributes(resource.attributes),
    scope: {
      name: asString(scope.name),
      version: asString(scope.version),
      attributes: readAttributes(scope.attributes),
    },
    events: readEvents(span, trace.startTime),
    links: readLinks(span),
    warnings: warningsOf(trace, index, span),
    statusMessage: asString(asObject(span.status).message),
    traceState: asString(span.traceState),
    json: JSON.stringify({ resource, scope, span }, null, 2),
  };
}

export const mostListedEvents = 100_000;

export function readAllEvents(trace: Trace, raw: readonly RawSpan[]): TraceEvent[] {
  const all: TraceEvent[] = [];
  for (let span = 0; span < trace.size && all.length < mostListedEvents; span++) {
    if (!hasFlag(trace, span, Flag.events)) continue;
    for (const event of readEvents(raw[span].span, trace.startTime)) all.push({ span, event });
  }
  return all.sort((a, b) => a.event.time - b.event.time);
}

/** Spans that match, as indexes. Texts that many spans share are looked at once. */
export function findSpans(trace: Trace, raw: readonly RawSpan[], input: string): Uint32Array {
  const terms = parseFind(input);
  if (terms.length === 0) return new Uint32Array();
  const strings = trace.strings.map((text) => text !== '' && matchesText(terms, text));
  const services = trace.services.map((name) => matchesText(terms, name));
  const ids = new Set(terms.map(({ text }) => text));
  const resources = new Map<JsonObject, boolean>();
  const found: number[] = [];
  for (let span = 0; span < trace.size; span++) {
    const { span: value, resource } = raw[span];
    if (
      strings[trace.name[span]] ||
      strings[trace.text[span]] ||
      services[trace.service[span]] ||
      ids.has(trace.spanIds[span]) ||
      attributesMatch(value.attributes) ||
      resourceMatches(resource) ||
      asArray(value.events).some((event) => eventMatches(asObject(event)))
    ) {
      found.push(span);
    }
  }
  return Uint32Array.from(found);

  function attributesMatch(list: unknown): boolean {
    return asArray(list).some((item) => {
      const { key, value } = asObject(item);
      return matchesAttribute(terms, asString(key), valueText(value));
    });
  }
  function resourceMatches(resource: JsonObject): boolean {
    let matches = resources.get(resource);
    if (matches === undefined) {
      matches = attributesMatch(resource.attributes);
      resources.set(resource, matches);
    }
    return matches;
  }
  function eventMatches(event: JsonObject): boolean {
    return matchesText(terms, asString(event.name)) || attributesMatch(event.attributes);
  }
}
