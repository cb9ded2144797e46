// SPDX-License-Identifier: Apache-2.0
import { criticalPath } from './critical-path';
import { totalOf } from './segment-builder';
import { selfTimes } from './self-time';
import { groupSiblings } from './sibling-groups';
import { buildSpanTree, type SpanTree, sumBelow } from './span-tree';
import { type DatabaseSummary, endOf, Flag, hasFlag, type Segments, type SpanColumns, type Trace } from './trace';

/** Everything derived from the spans, once, in the worker. About 100 ms for 100,000 spans. */
export function buildTrace(columns: SpanColumns): Trace {
  const tree = buildSpanTree(columns);
  const critical = criticalPath(columns, tree);
  let totalDuration = 0;
  let depth = 0;
  let errorCount = 0;
  let orphanCount = 0;
  for (let span = 0; span < columns.size; span++) {
    totalDuration = Math.max(totalDuration, endOf(columns, span));
    depth = Math.max(depth, tree.depth[span] + 1);
    if (hasFlag(columns, span, Flag.error)) errorCount++;
    if (hasFlag(columns, span, Flag.orphan)) orphanCount++;
  }
  return {
    ...columns,
    ...tree,
    ...selfTimes(columns, tree),
    totalDuration,
    critical,
    descendants: sumBelow(tree, () => 1),
    errorsBelow: sumBelow(tree, (span) => (hasFlag(columns, span, Flag.error) ? 1 : 0)),
    groups: groupSiblings(columns, tree),
    summary: { errorCount, orphanCount, depth, database: summarizeDatabase(columns, tree, critical) },
  };
}

/** Only the innermost database span of a call counts: an ORM and the driver below it are often both instrumented. */
function summarizeDatabase(columns: SpanColumns, tree: SpanTree, critical: Segments): DatabaseSummary | null {
  const hasDatabaseChild = new Uint8Array(columns.size);
  for (let span = 0; span < columns.size; span++) {
    const parent = tree.parent[span];
    if (parent >= 0 && hasFlag(columns, span, Flag.database)) hasDatabaseChild[parent] = 1;
  }
  let criticalTime = 0;
  let totalTime = 0;
  let queries = 0;
  let calls = 0;
  const distinct = new Set<string>();
  for (let span = 0; span < columns.size; span++) {
    if (!hasFlag(columns, span, Flag.database)) continue;
    criticalTime += totalOf(critical, span);
    if (hasDatabaseChild[span]) continue;
    calls++;
    totalTime += columns.duration[span];
    if (hasFlag(columns, span, Flag.transaction)) continue;
    queries++;
    distinct.add(
      columns.shape[span] > 0 ? `q${columns.shape[span]}` : `n${columns.service[span]} ${columns.name[span]}`,
    );
  }
  return calls > 0 ? { criticalTime, totalTime, queries, distinct: distinct.size } : null;
}
