// SPDX-License-Identifier: Apache-2.0
import { endOf, type Trace } from '../model/trace';
import { membersOfRow, type Rows } from '../model/visible-rows';
import type { Palette } from './surface';

const air = 4;
const widestPitch = 2;

/** The whole trace in a strip: every row a line, equal siblings on one. @param rows with nothing folded */
export function drawOverview(
  context: CanvasRenderingContext2D,
  trace: Trace,
  rows: Rows,
  palette: Palette,
  width: number,
  height: number,
): void {
  const pitch = Math.min(widestPitch, (height - 2 * air) / rows.ids.length);
  const thickness = Math.max(1, pitch);
  const perNano = width / Math.max(1, trace.totalDuration);
  // Many rows share a line of pixels. What is covered already by the row before needs no rectangle: it would not be seen.
  let line = -1;
  let coveredFrom = 0;
  let coveredTo = -1;
  for (let at = 0; at < rows.ids.length; at++) {
    const top = pitch < 1 ? Math.floor(air + at * pitch) : air + at * pitch;
    for (const span of membersOfRow(trace, rows.ids[at])) {
      const left = trace.start[span] * perNano;
      const right = Math.max(left + 1.5, endOf(trace, span) * perNano);
      if (top === line && left >= coveredFrom && right <= coveredTo) continue;
      line = top;
      coveredFrom = left;
      coveredTo = right;
      context.fillStyle = palette.painters[trace.painter[span]];
      context.fillRect(left, top, right - left, thickness);
    }
  }
}
