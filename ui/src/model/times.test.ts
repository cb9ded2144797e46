// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type SpanLine, traceOf } from './testing';
import { listOf } from './trace';

describe('self time is what no child covers', () => {
  const parent = { id: 'p', start: 0, end: 100 };
  const cases: { name: string; children: [start: number, end: number][]; self: number; segments: number[] }[] = [
    { name: 'no children: all of it, and nothing to shade', children: [], self: 100, segments: [] },
    {
      name: 'before, between and after',
      children: [
        [10, 20],
        [50, 60],
      ],
      self: 80,
      segments: [0, 10, 20, 50, 60, 100],
    },
    {
      name: 'children that overlap count once',
      children: [
        [10, 40],
        [20, 30],
        [35, 50],
      ],
      self: 60,
      segments: [0, 10, 50, 100],
    },
    { name: 'a child that outlives its parent is clipped', children: [[90, 300]], self: 90, segments: [0, 90] },
    { name: 'a child before its parent is clipped', children: [[-20, 30]], self: 70, segments: [30, 100] },
    { name: 'a child after its parent covers nothing', children: [[200, 300]], self: 100, segments: [0, 100] },
    { name: 'covered wholly', children: [[0, 100]], self: 0, segments: [] },
  ];
  test.each(cases)('$name', ({ children, self, segments }) => {
    const lines = children.map(([start, end], at) => ({ id: `c${at}`, parent: 'p', start, end }));
    const trace = traceOf([parent, ...lines]);
    expect(trace.selfTime[0]).toBe(self);
    expect([...listOf(trace.selfSegments, 0)]).toEqual(segments);
  });
});

describe('the critical path', () => {
  const pathOf = (lines: readonly SpanLine[]) => {
    const trace = traceOf(lines);
    return Object.fromEntries(
      lines.map(({ id }, span) => [id, [...listOf(trace.critical, span)].sort((a, b) => a - b)]),
    );
  };
  test('goes through the child that finished last, and its time is no longer the parent’s', () => {
    expect(
      pathOf([
        { id: 'root', start: 0, end: 100 },
        { id: 'waited', parent: 'root', start: 10, end: 90 },
        { id: 'beside', parent: 'root', start: 20, end: 50 },
      ]),
    ).toEqual({ root: [0, 10, 90, 100], waited: [10, 90], beside: [] });
  });
  test('one after the other are all on it', () => {
    expect(
      pathOf([
        { id: 'root', start: 0, end: 30 },
        { id: 'a', parent: 'root', start: 0, end: 10 },
        { id: 'b', parent: 'root', start: 12, end: 30 },
      ]),
    ).toEqual({ root: [10, 12], a: [0, 10], b: [12, 30] });
  });
  test('work that goes on after its parent counts up to the parent’s end', () => {
    expect(
      pathOf([
        { id: 'root', start: 0, end: 20 },
        { id: 'async', parent: 'root', start: 15, end: 90 },
        { id: 'later', parent: 'root', start: 40, end: 50 },
      ]),
    ).toEqual({ root: [0, 15], async: [15, 20], later: [] });
  });
  test('goes through several roots and belongs to nobody between them', () => {
    expect(
      pathOf([
        { id: 'one', start: 0, end: 10 },
        { id: 'two', start: 30, end: 40 },
      ]),
    ).toEqual({ one: [0, 10], two: [30, 40] });
  });
  test('never counts a moment twice', () => {
    const lines = Array.from({ length: 200 }, (_, at) => ({
      id: `s${at}`,
      parent: at === 0 ? '' : `s${Math.floor((at - 1) / 3)}`,
      start: (at * 37) % 500,
      end: 500 + ((at * 53) % 400),
    }));
    const trace = traceOf([{ ...lines[0], start: 0, end: 1000 }, ...lines.slice(1)]);
    const intervals = lines
      .flatMap((_, span) => {
        const values = [...listOf(trace.critical, span)];
        return values.flatMap((value, at) => (at % 2 === 0 ? [[value, values[at + 1]]] : []));
      })
      .sort((a, b) => a[0] - b[0]);
    for (let at = 1; at < intervals.length; at++) expect(intervals[at][0]).toBeGreaterThanOrEqual(intervals[at - 1][1]);
    expect(intervals.reduce((sum, [from, to]) => sum + to - from, 0)).toBe(1000);
  });
});
