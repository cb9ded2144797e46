// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, test, vi } from 'vitest';
import { buildTrace } from '../model/build-trace';
import { Flag, hasFlag, nameOf, serviceOf, textOf } from '../model/trace';
import { messageOfBody } from './errors';
import { findSpans, readAllEvents, readDetail } from './otlp-detail';
import { parseTrace } from './otlp-trace';
import { readAttributes } from './otlp-values';
import { readOperations, readServices } from './services';
import { readSummaries, summaryParams } from './summaries';

const id = 'a'.repeat(32);
const at = (ns: number) => String(1_700_000_000_000_000_000n + BigInt(ns));
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

function answerOf(spans: readonly unknown[], service = 'shop') {
  return {
    result: {
      resourceSpans: [
        {
          resource: { attributes: [text('service.name', service)] },
          scopeSpans: [{ scope: { name: 'lib', version: '1' }, spans }],
        },
      ],
    },
  };
}

const span = (spanId: string, more: object = {}) => ({
  traceId: id,
  spanId,
  name: spanId,
  kind: 2,
  startTimeUnixNano: at(100),
  endTimeUnixNano: at(300),
  ...more,
});

afterEach(() => vi.restoreAllMocks());

describe('a trace', () => {
  test('becomes columns with times relative to its first span', () => {
    const { columns } = parseTrace(
      answerOf([
        span('late', { parentSpanId: 'first', startTimeUnixNano: at(150) }),
        span('first', {
          parentSpanId: '0000000000000000',
          startTimeUnixNano: at(7),
          kind: 'SPAN_KIND_CLIENT',
          status: { code: 2 },
        }),
      ]),
      id,
    );
    expect([...columns.start]).toEqual([143, 0]);
    expect([...columns.duration]).toEqual([150, 293]);
    expect([...columns.kind]).toEqual([2, 3]);
    expect(columns.parentIds).toEqual(['first', '']);
    expect(columns.startTime).toBe(1_700_000_000_000_000_007n);
    expect(hasFlag(columns, 1, Flag.error)).toBe(true);
    expect([serviceOf(columns, 0), nameOf(columns, 0)]).toEqual(['shop', 'late']);
  });

  test('names database calls by old and new conventions', () => {
    const { columns } = parseTrace(
      answerOf([
        span('new', { attributes: [text('db.system.name', 'sqlite'), text('db.query.text', 'SELECT 1')] }),
        span('old', { attributes: [text('db.system', 'mysql'), text('db.statement', 'SELECT 2')] }),
        span('bare', { attributes: [text('db.operation.name', 'GET')] }),
        span('none', { attributes: [text('db.client.connection.state', 'idle')] }),
      ]),
      id,
    );
    expect([0, 1, 2, 3].map((index) => hasFlag(columns, index, Flag.database))).toEqual([true, true, true, false]);
    expect([textOf(columns, 0), textOf(columns, 1)]).toEqual(['SELECT 1', 'SELECT 2']);
    // The same query but for its literal.
    expect(columns.shape[0]).toBe(columns.shape[1]);
    expect([...columns.painter].map((index) => columns.painters[index])).toEqual(['sqlite', 'mysql', 'shop', 'shop']);
  });

  test('keeps what can be read and says what could not', () => {
    const { columns } = parseTrace(
      answerOf([
        null,
        7,
        'x',
        [],
        {},
        span('good'),
        span('bad', { startTimeUnixNano: 'soon' }),
        { ...span(''), name: 'nameless' },
      ]),
      id,
    );
    expect(columns.spanIds).toEqual(['good']);
    expect(columns.dropped).toHaveLength(7);
    expect(columns.dropped).toContain('span bad: its start is no time');
    expect(columns.dropped).toContain('a span without id ("nameless")');
  });

  test.each([
    null,
    undefined,
    1,
    'x',
    [],
    {},
    { result: null },
    { result: { resourceSpans: {} } },
    { result: { resourceSpans: [null, { scopeSpans: [3] }] } },
  ])('out of %j is empty', (answer) => {
    expect(parseTrace(answer, id).columns.size).toBe(0);
  });

  test('odd fields fail nothing', () => {
    const odd = span('odd', {
      name: { a: 1 },
      kind: 'x',
      attributes: [null, 3, { key: 5 }],
      events: 'none',
      links: {},
      status: [],
    });
    const { columns, raw } = parseTrace(answerOf([odd]), id);
    const trace = buildTrace(columns);
    expect(readDetail(trace, raw, 0).events).toEqual([]);
    expect(findSpans(trace, raw, 'x').length).toBe(0);
  });
});

describe('details of a span', () => {
  const { columns, raw } = parseTrace(
    answerOf([
      span('root', {
        attributes: [text('http.route', '/a')],
        events: [
          { timeUnixNano: at(250), name: 'second', attributes: [text('message', 'needle')] },
          { timeUnixNano: at(200), name: 'first' },
        ],
        links: [{ traceId: 'b'.repeat(32), spanId: 'c'.repeat(16) }],
        status: { code: 2, message: 'broken' },
        droppedAttributesCount: 3,
      }),
      span('skewed', { parentSpanId: 'root', startTimeUnixNano: at(50), endTimeUnixNano: at(20) }),
      span('orphan', { parentSpanId: 'gone' }),
      span('root'),
    ]),
    id,
  );
  const trace = buildTrace(columns);

  test('carry everything, in words where it is odd', () => {
    const detail = readDetail(trace, raw, 0);
    expect(detail.attributes).toEqual([{ key: 'http.route', type: 'string', value: '/a' }]);
    expect(detail.resource).toEqual([{ key: 'service.name', type: 'string', value: 'shop' }]);
    expect(detail.scope).toEqual({ name: 'lib', version: '1', attributes: [] });
    expect(detail.statusMessage).toBe('broken');
    expect(detail.links[0].spanId).toBe('c'.repeat(16));
    expect(detail.warnings).toEqual(['The SDK dropped 3 of its attributes.']);
    expect(JSON.parse(detail.json).span.name).toBe('root');
    expect(readDetail(trace, raw, 1).warnings).toEqual([
      'It ends before it starts; it is drawn without length.',
      'It starts before its parent: the clocks of the two hosts differ.',
    ]);
    expect(readDetail(trace, raw, 2).warnings[0]).toContain('gone is not in this trace');
    expect(readDetail(trace, raw, 3).warnings).toEqual(['Another span of this trace has the same id.']);
  });
  test('events of the trace come in order of time', () => {
    expect(readAllEvents(trace, raw).map(({ event }) => event.name)).toEqual(['first', 'second']);
  });
  test.each([
    ['skewed', [1]],
    ['http.route=/a', [0]],
    ['needle', [0]],
    ['shop', [0, 1, 2, 3]],
    ['nothing', []],
    ['', []],
    ['needle orphan', [0, 2]],
  ])('find "%s"', (input, want) => {
    expect([...findSpans(trace, raw, input)]).toEqual(want);
  });
});

test('values of attributes keep their digits and shapes', () => {
  const read = (value: unknown) => readAttributes([{ key: 'k', value }])[0];
  expect(read({ intValue: '9223372036854775807' })).toEqual({ key: 'k', type: 'int', value: '9223372036854775807' });
  expect(read({ doubleValue: 0.5 }).value).toBe('0.5');
  expect(read({ boolValue: false }).value).toBe('false');
  expect(read({ arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } }).value).toBe('["a",1]');
  expect(read({ kvlistValue: { values: [{ key: 'x', value: { boolValue: true } }] } }).value).toBe('{"x":true}');
  expect(read({})).toEqual({ key: 'k', type: 'empty', value: '' });
  let deep: object = { stringValue: 'end' };
  for (let depth = 0; depth < 1000; depth++) deep = { arrayValue: { values: [deep] } };
  expect(read(deep).value).toContain('…');
});

describe('lists', () => {
  test('of services and operations', () => {
    expect(readServices({ services: ['b', 'a', 'b', '', null] })).toEqual(['a', 'b']);
    expect([{}, null, { services: null }].map(readServices)).toEqual([[], [], []]);
    expect(readOperations({ operations: [{ name: 'x', spanKind: 'server' }, { name: 'x' }, {}, 3] })).toEqual(['x']);
  });
  test('of traces keep good rows beside bad ones', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const items = readSummaries({
      summaries: [
        {
          traceId: id,
          rootServiceName: 'shop',
          rootOperationName: 'GET /',
          minStartTimeUnixNano: at(0),
          maxEndTimeUnixNano: at(412),
          spanCount: 3,
          services: [{ name: 'shop', spanCount: 3 }, { spanCount: 1 }],
        },
        { traceID: 'B'.repeat(32), minStartTimeUnixNano: at(5) },
        { traceId: 'nope', minStartTimeUnixNano: at(5) },
        null,
      ],
    });
    expect(items.map(({ traceId }) => traceId)).toEqual([id, 'b'.repeat(32)]);
    expect(items[0]).toMatchObject({
      duration: 412,
      spanCount: 3,
      errorSpanCount: 0,
      services: [{ name: 'shop', spanCount: 3 }],
    });
    expect(items[1]).toMatchObject({ duration: 0, spanCount: null, errorSpanCount: null, rootOperation: '' });
    expect(warn).toHaveBeenCalledWith('trace-summaries: left out 2 unreadable entries');
    expect(readSummaries({})).toEqual([]);
  });
  test('are asked for with both ends of the window', () => {
    const query = {
      service: 'a b',
      operation: '',
      attributes: { k: 'v' },
      minDuration: '1ms',
      maxDuration: '',
      limit: 20,
    };
    expect(Object.fromEntries(summaryParams({ ...query, startMs: 0, endMs: 1500 }))).toEqual({
      'query.serviceName': 'a b',
      'query.startTimeMin': '1970-01-01T00:00:00.000Z',
      'query.startTimeMax': '1970-01-01T00:00:01.500Z',
      'query.searchDepth': '20',
      'query.durationMin': '1ms',
      'query.attributes': '{"k":"v"}',
    });
  });
});

test.each([
  ['{"error":{"httpCode":400,"message":"malformed parameter"}}', 'malformed parameter'],
  ['{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}', 'trace not found'],
  ['plain words', 'plain words'],
  ['<html>', null],
  ['{}', null],
  ['', null],
])('the message of %s is %s', (body, want) => {
  expect(messageOfBody(body)).toBe(want);
});
