// SPDX-License-Identifier: Apache-2.0
// Parents and children out of ids. Any input gives a forest with every span in it exactly once: a missing parent makes a root
// (an orphan), a cycle is cut at its earliest span, of several spans with one id the first is the parent.
import { Flag, type Lists, type SpanColumns } from './trace';

export interface SpanTree {
  readonly parent: Int32Array;
  readonly depth: Uint32Array;
  readonly children: Lists<Uint32Array>;
  readonly roots: Uint32Array;
  readonly preorder: Uint32Array;
}

/** Sets the orphan and warnings flags of the columns as it finds them. */
export function buildSpanTree(columns: SpanColumns): SpanTree {
  const parent = findParents(columns);
  cutCycles(columns, parent);
  const byStart = indexesByStart(columns);
  const children = listChildren(columns.size, parent, byStart);
  const roots = byStart.filter((span) => parent[span] < 0);
  const { preorder, depth } = walk(columns.size, roots, children);
  return { parent, depth, children, roots, preorder };
}

function findParents({ size, spanIds, parentIds, flags }: SpanColumns): Int32Array {
  const indexOf = new Map<string, number>();
  for (let span = 0; span < size; span++) {
    if (!indexOf.has(spanIds[span])) indexOf.set(spanIds[span], span);
    else flags[span] |= Flag.warnings;
  }
  const parent = new Int32Array(size).fill(-1);
  for (let span = 0; span < size; span++) {
    const id = parentIds[span];
    if (id === '' || id === spanIds[span]) continue;
    const found = indexOf.get(id);
    if (found === undefined) flags[span] |= Flag.orphan | Flag.warnings;
    else parent[span] = found;
  }
  return parent;
}

/** Follows each span upwards once; meeting the present walk again means a cycle. */
function cutCycles({ size, start, flags }: SpanColumns, parent: Int32Array): void {
  const walkOf = new Int32Array(size).fill(-1);
  for (let first = 0; first < size; first++) {
    let span = first;
    while (span >= 0 && walkOf[span] < 0) {
      walkOf[span] = first;
      span = parent[span];
    }
    if (span < 0 || walkOf[span] !== first) continue;
    let earliest = span;
    for (let other = parent[span]; other !== span; other = parent[other]) {
      if (start[other] < start[earliest]) earliest = other;
    }
    parent[earliest] = -1;
    flags[earliest] |= Flag.orphan | Flag.warnings;
  }
}

function indexesByStart({ size, start, duration }: SpanColumns): Uint32Array {
  const order = Uint32Array.from({ length: size }, (_, index) => index);
  // Of two that start together the longer is the outer one; order of arrival decides the rest.
  return order.sort((a, b) => start[a] - start[b] || duration[b] - duration[a] || a - b);
}

function listChildren(size: number, parent: Int32Array, byStart: Uint32Array): Lists<Uint32Array> {
  const offsets = new Uint32Array(size + 1);
  for (let span = 0; span < size; span++) if (parent[span] >= 0) offsets[parent[span] + 1]++;
  for (let span = 0; span < size; span++) offsets[span + 1] += offsets[span];
  const values = new Uint32Array(offsets[size]);
  const next = offsets.slice(0, size);
  for (const span of byStart) if (parent[span] >= 0) values[next[parent[span]]++] = span;
  return { offsets, values };
}

function walk(size: number, roots: Uint32Array, children: Lists<Uint32Array>) {
  const preorder = new Uint32Array(size);
  const depth = new Uint32Array(size);
  const stack = Array.from(roots).reverse();
  let count = 0;
  for (let span = stack.pop(); span !== undefined; span = stack.pop()) {
    preorder[count++] = span;
    for (let at = children.offsets[span + 1]; at-- > children.offsets[span]; ) {
      const child = children.values[at];
      depth[child] = depth[span] + 1;
      stack.push(child);
    }
  }
  return { preorder, depth };
}

/** Adds up a number per span over everything below it. */
export function sumBelow(tree: SpanTree, weightOf: (span: number) => number): Uint32Array {
  const below = new Uint32Array(tree.preorder.length);
  for (let at = tree.preorder.length; at-- > 0; ) {
    const span = tree.preorder[at];
    if (tree.parent[span] >= 0) below[tree.parent[span]] += below[span] + weightOf(span);
  }
  return below;
}
