// SPDX-License-Identifier: Apache-2.0
// Which work the trace waited for. Walking back from the end of a span: the child that finished last before this moment was waited
// for; go into it, and continue before its start. What no child explains is the span's own. A child that outlives its parent
// counts up to the parent's end; one that begins after it was not waited for. Several roots are children of the whole trace.
import { SegmentBuilder } from './segment-builder';
import type { SpanTree } from './span-tree';
import { endOf, type Segments, type SpanColumns } from './trace';

export function criticalPath(columns: SpanColumns, tree: SpanTree): Segments {
  const segments = new SegmentBuilder();
  // Triples of span and the window of time to explain inside it. A stack, not recursion: traces may be 100,000 levels deep.
  const stack: number[] = [];

  /** Explains [from, to] by the given spans; the gaps go to `owner` (none when negative). */
  function explain(owner: number, candidates: Uint32Array, from: number, to: number): void {
    const latestFirst =
      candidates.length > 1 ? candidates.slice().sort((a, b) => endOf(columns, b) - endOf(columns, a)) : candidates;
    let cursor = to;
    for (const child of latestFirst) {
      if (cursor <= from) break;
      const end = Math.min(endOf(columns, child), to);
      const start = Math.max(columns.start[child], from);
      if (end > cursor || end <= start) continue;
      if (owner >= 0) segments.add(owner, end, cursor);
      stack.push(child, start, end);
      cursor = start;
    }
    if (owner >= 0) segments.add(owner, from, cursor);
  }

  explain(-1, tree.roots, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  while (stack.length > 0) {
    const [span, from, to] = stack.splice(-3);
    const { offsets, values } = tree.children;
    explain(span, values.subarray(offsets[span], offsets[span + 1]), from, to);
  }
  return segments.build(columns.size);
}
