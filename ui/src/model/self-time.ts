// SPDX-License-Identifier: Apache-2.0
import { SegmentBuilder } from './segment-builder';
import type { SpanTree } from './span-tree';
import { endOf, type Segments, type SpanColumns } from './trace';

/** What a span spends outside its children: its interval minus the union of theirs, clipped to it. */
export function selfTimes(columns: SpanColumns, tree: SpanTree): { selfTime: Float64Array; selfSegments: Segments } {
  const selfTime = new Float64Array(columns.size);
  const segments = new SegmentBuilder();
  for (let span = 0; span < columns.size; span++) {
    const end = endOf(columns, span);
    const firstChild = tree.children.offsets[span];
    const lastChild = tree.children.offsets[span + 1];
    let covered = columns.start[span];
    // Children come in order of start, so one pass finds every gap.
    for (let at = firstChild; at < lastChild && covered < end; at++) {
      const child = tree.children.values[at];
      const childStart = Math.min(columns.start[child], end);
      if (childStart > covered) {
        selfTime[span] += childStart - covered;
        segments.add(span, covered, childStart);
      }
      covered = Math.max(covered, endOf(columns, child));
    }
    if (covered < end) {
      selfTime[span] += end - covered;
      if (lastChild > firstChild) segments.add(span, covered, end);
    }
  }
  return { selfTime, selfSegments: segments.build(columns.size) };
}
