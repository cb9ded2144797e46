// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { traceOf } from '../../model/testing';
import { readView, type TraceView, toggleRow, writeView } from './view-state';

const trace = traceOf([
  { id: 'root', start: 0, end: 1000 },
  ...['q1', 'q2', 'q3'].map((id, at) => ({ id, parent: 'root', start: at, end: at + 1, query: 'x' })),
  { id: 'call', parent: 'root', start: 500, end: 900 },
]);

const queryOf = (changes: Partial<TraceView>) => {
  const entries = Object.entries(writeView(trace, changes)).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return new URLSearchParams(entries).toString();
};

test('an empty address is the whole trace with everything open', () => {
  expect(readView(trace, '')).toEqual({
    tab: 'timeline',
    grouped: true,
    critical: true,
    find: '',
    folded: new Set(),
    opened: new Set(),
    selected: null,
    window: { from: 0, to: 1000 },
  });
  expect(queryOf(readView(trace, ''))).toBe('');
});

test('what is written is read again', () => {
  const view: TraceView = {
    tab: 'table',
    grouped: true,
    critical: false,
    find: 'a b',
    folded: new Set([4]),
    opened: new Set([0]),
    selected: ~0,
    window: { from: 100, to: 300 },
  };
  expect(readView(trace, queryOf(view))).toEqual(view);
  expect(readView(trace, queryOf({ ...view, grouped: false, selected: 2 }))).toMatchObject({
    grouped: false,
    selected: 2,
  });
});

test.each([
  'range=9-1',
  'range=x',
  'sel=nobody',
  'sel=g.nobody',
  'folded=,,&opened=root',
  'view=flame',
  'range=0-999999999999999',
])('nonsense in %s is left out', (query) => {
  const view = readView(trace, query);
  expect(view).toMatchObject({ selected: null, tab: 'timeline', opened: new Set() });
  expect(view.window.from).toBeGreaterThanOrEqual(0);
  expect(view.window.to).toBeLessThanOrEqual(1000);
  expect(view.window.to).toBeGreaterThan(view.window.from);
});

test('a selected group without grouping is its first call', () => {
  expect(readView(trace, 'sel=g.q1&group=0').selected).toBe(1);
});

test('equal addresses give the same sets', () => {
  expect(readView(trace, 'folded=call&sel=q1').folded).toBe(readView(trace, 'folded=call').folded);
});

test('a row folds and unfolds', () => {
  const view = readView(trace, '');
  expect(toggleRow(view, 4)).toEqual({ folded: new Set([4]) });
  expect(toggleRow({ ...view, folded: new Set([4]) }, 4)).toEqual({ folded: new Set() });
  expect(toggleRow(view, ~0)).toEqual({ opened: new Set([0]) });
});
