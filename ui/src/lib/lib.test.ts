// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { parseDuration, parseLookback, toGoDuration } from './duration';
import { formatCount, formatDuration, formatShare, formatTick, plural } from './format';
import { looksLikeTraceId, parseTraceId } from './ids';

describe('numbers', () => {
  test.each([
    [0, '0 ms'],
    [7, '7 ns'],
    [1500, '1.5 µs'],
    [940_000, '940 µs'],
    [999_600, '1 ms'],
    [6_200_000, '6.2 ms'],
    [412_345_678, '412 ms'],
    [1_286_000_000, '1.29 s'],
    [59_990_000_000, '1 min'],
    [90e9, '1.5 min'],
    [7200e9, '2 h'],
    [-1500, '−1.5 µs'],
    [Number.NaN, '–'],
  ])('%d ns is %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });
  test('marks of an axis differ from their neighbours', () => {
    const marks = [0, 1, 2, 3].map((at) => formatTick(412e6 + at * 25e3, 25e3, 412.1e6));
    expect(new Set(marks).size).toBe(4);
    expect(formatTick(0, 103e6, 412e6)).toBe('0 ms');
    expect(formatTick(103e6, 103e6, 412e6)).toBe('103 ms');
  });
  test('counts and shares', () => {
    expect([formatCount(1204), formatShare(0.3815), plural(1, 'span'), plural(2000, 'span')]).toEqual([
      '1,204',
      '38.1 %',
      '1 span',
      '2,000 spans',
    ]);
  });
});

describe('durations as typed', () => {
  test.each([
    ['100ms', 100e6],
    ['1.2s', 1.2e9],
    ['500us', 500e3],
    ['500 µs', 500e3],
    ['1m30s', 90e9],
    ['2h', 7200e9],
  ])('%s', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });
  test.each(['', '100', 'ms', '1 day', '-5ms', '1e3ms', '5ms!'])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
  test('go out in the spelling of Go', () => {
    expect([toGoDuration(' 500 µs'), toGoDuration('1M30S')]).toEqual(['500us', '1m30s']);
  });
  test('lookbacks', () => {
    expect(['5m', '1h', '2d', '4w', 'custom', '1', '-1h'].map(parseLookback)).toEqual([
      300e3,
      3600e3,
      172800e3,
      2419200e3,
      null,
      null,
      null,
    ]);
  });
});

describe('trace ids', () => {
  const id = '7d31f0a9c4b25e8817d31f0a9c4b25e8';
  test.each([
    [id, id],
    [id.toUpperCase(), id],
    [` 0x${id} `, id],
    ['abc', 'abc'.padStart(32, '0')],
    ['fTHwqcSyXogX0x8KnEsl6A==', id.replace('17d31f0a9c4b25e8', '17d31f0a9c4b25e8')],
    ['not hex', null],
    ['', null],
    [`${id}0`, null],
  ])('%s', (text, want) => {
    expect(parseTraceId(text)).toBe(want);
  });
  test('words and numbers do not look like one', () => {
    expect(['beef', '1234567', 'deadbeef', id.slice(0, 15)].some(looksLikeTraceId)).toBe(false);
    expect([id, id.slice(0, 16)].every(looksLikeTraceId)).toBe(true);
  });
});
