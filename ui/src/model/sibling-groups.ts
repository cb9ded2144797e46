// SPDX-License-Identifier: Apache-2.0
// Calls of the same thing by the same parent become one row: same service, kind, name and query (without its literals).
import type { SpanTree } from './span-tree';
import { listOf, type SiblingGroups, type SpanColumns } from './trace';

/** Two equal calls are read faster than unfolded. */
export const smallestGroup = 3;

export function groupSiblings(columns: SpanColumns, tree: SpanTree): SiblingGroups {
  const groupOf = new Int32Array(columns.size).fill(-1);
  const offsets: number[] = [0];
  const values: number[] = [];
  const collect = (siblings: Uint32Array) => {
    if (siblings.length < smallestGroup) return;
    for (const members of equalOnes(columns, siblings)) {
      for (const member of members) groupOf[member] = offsets.length - 1;
      for (const member of members) values.push(member);
      offsets.push(values.length);
    }
  };
  collect(tree.roots);
  for (let span = 0; span < columns.size; span++) collect(listOf(tree.children, span));
  return { groupOf, members: { offsets: Uint32Array.from(offsets), values: Uint32Array.from(values) } };
}

function equalOnes(columns: SpanColumns, siblings: Uint32Array): number[][] {
  const byKey = new Map<string, number[]>();
  for (const span of siblings) {
    const key = `${columns.service[span]} ${columns.kind[span]} ${columns.name[span]} ${columns.shape[span]}`;
    const members = byKey.get(key);
    if (members) members.push(span);
    else byKey.set(key, [span]);
  }
  return [...byKey.values()].filter((members) => members.length >= smallestGroup);
}
