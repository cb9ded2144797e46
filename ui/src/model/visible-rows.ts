// SPDX-License-Identifier: Apache-2.0
// The rows of the waterfall: the tree without what is folded, equal siblings as one row. A row is a number: a span s, or ~g for
// the group g, so a list of rows is one typed array.
import { listOf, type Trace } from './trace';

export interface RowOptions {
  readonly grouped: boolean;
  /** Spans whose children are hidden. */
  readonly folded: ReadonlySet<number>;
  /** Groups whose members are shown. */
  readonly opened: ReadonlySet<number>;
}

export interface Rows {
  readonly ids: Int32Array;
  readonly depth: Uint32Array;
}

export const isGroup = (row: number): boolean => row < 0;
export const groupRow = (group: number): number => ~group;
export const groupOfRow = (row: number): number => ~row;

/** The span that stands for a row: itself, or the first of the group. */
export function spanOfRow(trace: Trace, row: number): number {
  return isGroup(row) ? trace.groups.members.values[trace.groups.members.offsets[groupOfRow(row)]] : row;
}

export function membersOfRow(trace: Trace, row: number): Uint32Array {
  return isGroup(row) ? listOf(trace.groups.members, groupOfRow(row)) : Uint32Array.of(row);
}

export function visibleRows(trace: Trace, options: RowOptions): Rows {
  const ids: number[] = [];
  const depths: number[] = [];
  const { children, groups } = trace;
  // Pairs of row and depth still to show, the next one last.
  const stack: number[] = [];

  function pushSiblings(spans: Uint32Array, depth: number): void {
    for (let at = spans.length; at-- > 0; ) {
      const group = options.grouped ? groups.groupOf[spans[at]] : -1;
      if (group < 0) stack.push(spans[at], depth);
      else if (groups.members.values[groups.members.offsets[group]] === spans[at]) stack.push(groupRow(group), depth);
    }
  }

  pushSiblings(trace.roots, 0);
  while (stack.length > 0) {
    const depth = stack.pop() as number;
    const row = stack.pop() as number;
    ids.push(row);
    depths.push(depth);
    if (isGroup(row)) {
      if (!options.opened.has(groupOfRow(row))) continue;
      const members = membersOfRow(trace, row);
      for (let at = members.length; at-- > 0; ) stack.push(members[at], depth + 1);
    } else if (!options.folded.has(row) && children.offsets[row + 1] > children.offsets[row]) {
      pushSiblings(listOf(children, row), depth + 1);
    }
  }
  return { ids: Int32Array.from(ids), depth: Uint32Array.from(depths) };
}

export function isExpandable(trace: Trace, row: number): boolean {
  return isGroup(row) || trace.children.offsets[row + 1] > trace.children.offsets[row];
}

/** What must be unfolded so that a span has a row of its own. */
export function revealSpan(trace: Trace, span: number, options: RowOptions): RowOptions {
  const folded = new Set(options.folded);
  const opened = new Set(options.opened);
  for (let at = span; at >= 0; at = trace.parent[at]) {
    if (at !== span) folded.delete(at);
    if (trace.groups.groupOf[at] >= 0) opened.add(trace.groups.groupOf[at]);
  }
  return { ...options, folded, opened };
}

/** The row that shows a span now: its own, its group's, or that of the nearest folded ancestor. -1 when there is none. */
export function rowOfSpan(trace: Trace, rows: Rows, span: number): number {
  const position = new Map<number, number>();
  for (let at = 0; at < rows.ids.length; at++) position.set(rows.ids[at], at);
  for (let at = span; at >= 0; at = trace.parent[at]) {
    const own = position.get(at);
    if (own !== undefined) return own;
    const group = trace.groups.groupOf[at];
    const grouped = group >= 0 ? position.get(groupRow(group)) : undefined;
    if (grouped !== undefined) return grouped;
  }
  return -1;
}
