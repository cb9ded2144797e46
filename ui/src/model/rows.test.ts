// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { traceOf } from './testing';
import { isGroup, membersOfRow, type RowOptions, revealSpan, rowOfSpan, visibleRows } from './visible-rows';

const query = (id: string, parent: string, start: number, text: string) => ({
  id,
  parent,
  start,
  end: start + 1,
  name: 'SELECT',
  query: text,
});

const trace = traceOf([
  { id: 'root', start: 0, end: 100 },
  query('q1', 'root', 10, 'a = ?'),
  query('other', 'root', 15, 'b = ?'),
  query('q2', 'root', 20, 'a = ?'),
  { id: 'call', parent: 'root', start: 30, end: 60 },
  { id: 'deep', parent: 'call', start: 31, end: 40 },
  query('q3', 'root', 70, 'a = ?'),
  { id: 'below', parent: 'q3', start: 70, end: 71 },
]);

const plain: RowOptions = { grouped: true, folded: new Set(), opened: new Set() };
const span = (id: string) => trace.spanIds.indexOf(id);
const shown = (options: RowOptions) => {
  const rows = visibleRows(trace, options);
  return Array.from(rows.ids, (row, at) => {
    const ids = Array.from(membersOfRow(trace, row), (member) => trace.spanIds[member]).join('+');
    return `${'.'.repeat(rows.depth[at])}${isGroup(row) ? `[${ids}]` : ids}`;
  });
};

describe('the rows of the waterfall', () => {
  test('equal siblings are one row where the first of them stands', () => {
    expect(shown(plain)).toEqual(['root', '.[q1+q2+q3]', '.other', '.call', '..deep']);
  });
  test('without grouping every span has its row', () => {
    expect(shown({ ...plain, grouped: false })).toEqual([
      'root',
      '.q1',
      '.other',
      '.q2',
      '.call',
      '..deep',
      '.q3',
      '..below',
    ]);
  });
  test('an opened group shows its calls and what is below them', () => {
    expect(shown({ ...plain, opened: new Set([0]) })).toEqual([
      'root',
      '.[q1+q2+q3]',
      '..q1',
      '..q2',
      '..q3',
      '...below',
      '.other',
      '.call',
      '..deep',
    ]);
  });
  test('a folded span hides what is below it', () => {
    expect(shown({ ...plain, folded: new Set([span('call')]) })).toEqual(['root', '.[q1+q2+q3]', '.other', '.call']);
    expect(shown({ ...plain, folded: new Set([span('root')]) })).toEqual(['root']);
  });
  test('two equal calls stay two rows', () => {
    const two = traceOf([{ id: 'r', start: 0, end: 9 }, query('a', 'r', 1, 'x'), query('b', 'r', 2, 'x')]);
    expect([...visibleRows(two, plain).ids].some(isGroup)).toBe(false);
  });
  test('revealing a span unfolds its ancestors and opens its groups', () => {
    const revealed = revealSpan(trace, span('below'), { ...plain, folded: new Set([span('root'), span('call')]) });
    expect([...revealed.folded]).toEqual([span('call')]);
    const rows = visibleRows(trace, revealed);
    expect(rows.ids[rowOfSpan(trace, rows, span('below'))]).toBe(span('below'));
  });
  test('a hidden span is shown by the row that hides it', () => {
    const rows = visibleRows(trace, { ...plain, folded: new Set([span('call')]) });
    const rowFor = (id: string) => rows.ids[rowOfSpan(trace, rows, span(id))];
    expect(rowFor('deep')).toBe(span('call'));
    expect(rowFor('q2')).toBe(~0);
    expect(rowFor('below')).toBe(~0);
  });
});

describe('the database strip', () => {
  test('counts innermost calls once, transactions not at all', () => {
    const nested = traceOf([
      { id: 'r', start: 0, end: 100 },
      { id: 'orm', parent: 'r', start: 10, end: 50, query: 'SELECT 1' },
      { id: 'driver', parent: 'orm', start: 11, end: 49, query: 'SELECT 1' },
      { id: 'again', parent: 'r', start: 60, end: 70, query: 'SELECT 1' },
      { id: 'begin', parent: 'r', start: 80, end: 81, query: 'BEGIN', flags: 64 },
    ]);
    expect(nested.summary.database).toEqual({ criticalTime: 51, totalTime: 49, queries: 2, distinct: 1 });
  });
  test('is absent without database calls', () => {
    expect(traceOf([{ id: 'r', start: 0, end: 1 }]).summary.database).toBeNull();
  });
});
