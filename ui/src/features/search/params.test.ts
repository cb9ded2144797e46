// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { parsePair, readSearchParams, type SearchDefaults, spanLink, windowOf, writeSearchParams } from './params';

const defaults: SearchDefaults = { lookback: '1h', limit: 20, maxLimit: 1500 };
const read = (query: string) => readSearchParams(query, defaults);
const id = 'a'.repeat(32);

describe('the address of a search', () => {
  test('takes a link of Jaeger as it is', () => {
    const query = `service=shop&operation=GET%20%2F&tags=${encodeURIComponent('{"error":"true","n":1}')}&start=1700000000000000&end=1700000060000000&lookback=1h&limit=50&minDuration=1.2s&maxDuration=500us`;
    expect(read(query)).toEqual({
      service: 'shop',
      operation: 'GET /',
      attributes: { error: 'true', n: '1' },
      minDuration: '1.2s',
      maxDuration: '500us',
      lookback: 'custom',
      startMs: 1_700_000_000_000,
      endMs: 1_700_000_060_000,
      limit: 50,
      order: 'newest',
      traceIds: [],
      problems: [],
    });
  });
  test('all services and all operations mean no condition', () => {
    expect(read('service=__all_services__&operation=__all_operations__')).toMatchObject({ service: '', operation: '' });
    expect(read('operation=all').operation).toBe('');
  });
  test('old tags and repeated trace ids', () => {
    expect(read(`tag=k:v:w&traceID=${id}&traceID=${id.toUpperCase()}&traceID=b`)).toMatchObject({
      attributes: { k: 'v:w' },
      traceIds: [id, 'b'.padStart(32, '0')],
    });
  });
  test.each([
    ['tags=[1]', 'tags [1] is no JSON object; want {"key":"value"}'],
    ['tags={', 'tags { is no JSON object; want {"key":"value"}'],
    ['tag=x', 'tag "x" has no value; want key:value'],
    ['minDuration=soon', 'minDuration "soon" is no duration; want 100ms, 1.2s, 500us'],
    ['limit=-3', 'limit "-3" is no count; want 1 to 1500'],
    ['lookback=ever', 'lookback "ever" is none; want 5m, 1h, 2d, …'],
    ['traceID=xyz', 'traceID "xyz" is none; want up to 32 hex digits'],
  ])('%s is named, the rest is used', (query, problem) => {
    const search = read(`${query}&service=shop`);
    expect(search.problems).toEqual([problem]);
    expect(search.service).toBe('shop');
  });
  test('is written back to what it was read from', () => {
    const queries = [
      '',
      'service=shop',
      `service=shop&operation=GET+%2F&minDuration=5ms&tags=%7B%22k%22%3A%22v%22%7D&lookback=custom&start=1700000000000000&end=1700000060000000&limit=100&order=longest&traceID=${id}`,
      'lookback=2d',
    ];
    for (const query of queries) expect(writeSearchParams(read(query), defaults)).toBe(query);
  });
  test('a moving window ends now, a fixed one does not move', () => {
    expect(windowOf(read('lookback=5m'), 1_000_000)).toEqual({ startMs: 700_000, endMs: 1_000_000 });
    expect(windowOf(read('start=1000000&end=2000000'), 9e12)).toEqual({ startMs: 1000, endMs: 2000 });
  });
  test('limits stay below what the server allows', () => {
    expect(read('limit=99999').limit).toBe(1500);
  });
});

test('a link to spans leads into their trace', () => {
  expect(spanLink(`span=a1%20b2@${id}`)).toEqual({ path: `/trace/${id}`, query: 'uiFind=a1+b2' });
  expect(spanLink('span=a1')).toBeNull();
  expect(spanLink(`span=a@${id}&span=b@${id}`)).toBeNull();
});

test.each([
  ['key=value', ['key', 'value']],
  [' http.route = /a/{b} ', ['http.route', '/a/{b}']],
  ['k="two words"', ['k', 'two words']],
  ['k:v', ['k', 'v']],
  ['url=http://x?a=b', ['url', 'http://x?a=b']],
  ['k=', ['k', '']],
  ['words only', null],
  ['=v', null],
])('the pair %s', (text, want) => {
  expect(parsePair(text)).toEqual(want);
});
