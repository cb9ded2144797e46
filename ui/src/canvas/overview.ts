// SPDX-License-Identifier: Apache-2.0
import { endOf, type Trace } from '../model/trace';
import type { Palette } from './surface';

/** The whole trace in a strip: every span a line, in the order of the rows. */
export function drawOverview(
  context: CanvasRenderingContext2D,
  trace: Trace,
  palette: Palette,
  width: number,
  height: number,
): void {
  const room = height - 8;
  const pitch = Math.min(2, room / trace.size);
  const perNano = width / Math.max(1, trace.totalDuration);
  // What the last line of a pixel row covers already needs no second one: 100,000 spans are at most a few thousand rectangles.
  const drawnTo = new Float32Array(Math.ceil(height) + 1).fill(-1);
  for (let at = 0; at < trace.size; at++) {
    const span = trace.preorder[at];
    const top = 4 + at * pitch;
    const left = trace.start[span] * perNano;
    const right = Math.max(left + 1.5, endOf(trace, span) * perNano);
    const line = Math.floor(top);
    if (pitch < 1 && left >= drawnTo[line] - (right - left) && right <= drawnTo[line]) continue;
    drawnTo[line] = Math.max(drawnTo[line], right);
    context.fillStyle = palette.services[trace.service[span]];
    context.fillRect(left, pitch < 1 ? line : top, right - left, pitch < 1 ? 1 : 1.6);
  }
}
