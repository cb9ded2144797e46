// SPDX-License-Identifier: Apache-2.0
import type { Segments } from './trace';

/** Collects intervals in any order of spans and sorts them into lists per span. */
export class SegmentBuilder {
  private readonly spans: number[] = [];
  private readonly bounds: number[] = [];

  add(span: number, start: number, end: number): void {
    if (!(end > start)) return;
    this.spans.push(span);
    this.bounds.push(start, end);
  }

  build(size: number): Segments {
    const offsets = new Uint32Array(size + 1);
    for (const span of this.spans) offsets[span + 1] += 2;
    for (let span = 0; span < size; span++) offsets[span + 1] += offsets[span];
    const values = new Float64Array(this.bounds.length);
    const next = offsets.slice(0, size);
    for (let at = 0; at < this.spans.length; at++) {
      const span = this.spans[at];
      values[next[span]++] = this.bounds[2 * at];
      values[next[span]++] = this.bounds[2 * at + 1];
    }
    return { offsets, values };
  }
}

export function totalOf(segments: Segments, span: number): number {
  let total = 0;
  for (let at = segments.offsets[span]; at < segments.offsets[span + 1]; at += 2) {
    total += segments.values[at + 1] - segments.values[at];
  }
  return total;
}
