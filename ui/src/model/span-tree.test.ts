// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { buildSpanTree } from './span-tree';
import { columnsOf, type SpanLine, traceOf } from './testing';
import { Flag, hasFlag } from './trace';

const idsInOrder = (lines: readonly SpanLine[]) => {
  const columns = columnsOf(lines);
  const tree = buildSpanTree(columns);
  return Array.from(tree.preorder, (span) => `${'.'.repeat(tree.depth[span])}${columns.spanIds[span]}`);
};

describe('the tree of spans', () => {
  const cases: { name: string; lines: SpanLine[]; want: string[] }[] = [
    {
      name: 'children follow their parent in order of start, whatever the order of arrival',
      lines: [
        { id: 'late', parent: 'root', start: 50, end: 60 },
        { id: 'early', parent: 'root', start: 10, end: 20 },
        { id: 'root', start: 0, end: 100 },
        { id: 'inner', parent: 'early', start: 12, end: 15 },
      ],
      want: ['root', '.early', '..inner', '.late'],
    },
    {
      name: 'a missing parent makes a root among the roots',
      lines: [
        { id: 'second', start: 5, end: 9 },
        { id: 'orphan', parent: 'gone', start: 3, end: 4 },
        { id: 'first', start: 0, end: 2 },
      ],
      want: ['first', 'orphan', 'second'],
    },
    {
      name: 'a span that names itself is a root',
      lines: [{ id: 'self', parent: 'self', start: 0, end: 1 }],
      want: ['self'],
    },
    {
      name: 'a circle is cut at its earliest span',
      lines: [
        { id: 'a', parent: 'c', start: 5, end: 9 },
        { id: 'b', parent: 'a', start: 2, end: 3 },
        { id: 'c', parent: 'b', start: 4, end: 5 },
        { id: 'tail', parent: 'c', start: 6, end: 7 },
      ],
      want: ['b', '.c', '..a', '..tail'],
    },
    {
      name: 'of two spans with one id the first is the parent, both stay',
      lines: [
        { id: 'twin', start: 0, end: 9 },
        { id: 'twin', start: 1, end: 2 },
        { id: 'child', parent: 'twin', start: 3, end: 4 },
      ],
      want: ['twin', '.child', 'twin'],
    },
    {
      name: 'of two that start together the longer comes first, also far from the start',
      lines: [
        { id: 'short', start: 9e15, end: 9e15 + 1 },
        { id: 'long', start: 9e15, end: 9e15 + 2 },
        { id: 'early', start: 5, end: 6 },
        { id: 'earlier but shorter', start: 5, end: 5 },
      ],
      want: ['early', 'earlier but shorter', 'long', 'short'],
    },
    {
      name: 'the same with small numbers',
      lines: [
        { id: 'short', start: 9, end: 10 },
        { id: 'long', start: 9, end: 12 },
        { id: 'same', start: 9, end: 10 },
        { id: 'first', start: 5, end: 6 },
      ],
      want: ['first', 'long', 'short', 'same'],
    },
    { name: 'no spans, no tree', lines: [], want: [] },
  ];
  test.each(cases)('$name', ({ lines, want }) => {
    expect(idsInOrder(lines)).toEqual(want);
  });

  test('orphans, cut circles and used ids are marked', () => {
    const trace = traceOf([
      { id: 'root', start: 0, end: 9 },
      { id: 'orphan', parent: 'gone', start: 1, end: 2 },
      { id: 'x', parent: 'y', start: 3, end: 4 },
      { id: 'y', parent: 'x', start: 4, end: 5 },
      { id: 'root', start: 5, end: 6 },
    ]);
    const marked = (flag: number) => [0, 1, 2, 3, 4].filter((span) => hasFlag(trace, span, flag));
    expect(marked(Flag.orphan)).toEqual([1, 2]);
    expect(marked(Flag.warnings)).toEqual([1, 2, 4]);
    expect(trace.summary.orphanCount).toBe(2);
  });

  test('a chain of 100,000 levels needs no recursion', () => {
    const size = 100_000;
    const lines = Array.from({ length: size }, (_, at) => ({
      id: `s${at}`,
      parent: at === 0 ? '' : `s${at - 1}`,
      start: at,
      end: 2 * size - at,
    }));
    const trace = traceOf(lines);
    expect(trace.summary.depth).toBe(size);
    expect(trace.descendants[0]).toBe(size - 1);
  });

  test('numbers below a span count all levels', () => {
    const trace = traceOf([
      { id: 'root', start: 0, end: 9 },
      { id: 'a', parent: 'root', start: 1, end: 5 },
      { id: 'b', parent: 'a', start: 2, end: 3, flags: Flag.error },
    ]);
    expect([...trace.descendants]).toEqual([2, 1, 0]);
    expect([...trace.errorsBelow]).toEqual([1, 1, 0]);
  });
});
