// SPDX-License-Identifier: Apache-2.0
// The bars of the waterfall. Only the rows of the window are drawn, and of a row never more than its pixels.
import { formatDuration } from '../lib/format';
import { lengthOf, type TimeWindow } from '../model/time-window';
import { endOf, Flag, hasFlag, type Trace } from '../model/trace';
import { isGroup, membersOfRow, type Rows } from '../model/visible-rows';
import type { Palette } from './surface';

export const rowHeight = 25;

const barTop = 5;
const barHeight = 14;
const criticalTop = 21;
const leastWidth = 2;
const labelSize = 11.5;

export interface LaneScene {
  readonly trace: Trace;
  readonly rows: Rows;
  /** Rows drawn: [first, last). */
  readonly first: number;
  readonly last: number;
  readonly window: TimeWindow;
  readonly width: number;
  readonly palette: Palette;
  readonly critical: boolean;
  /** Rows whose children are hidden: their line shows what lies on the path below them, too. */
  readonly isFolded: (row: number) => boolean;
  /** Rows drawn faintly while a search is on. */
  readonly isDim: (row: number) => boolean;
  /** Spans below a span follow it in preorder; this is where it stands. */
  readonly positions: Uint32Array;
}

export function drawLanes(context: CanvasRenderingContext2D, scene: LaneScene): void {
  drawGrid(context, scene);
  context.font = `${labelSize}px ${scene.palette.sans}`;
  context.textBaseline = 'middle';
  for (let at = scene.first; at < scene.last; at++) {
    const row = scene.rows.ids[at];
    const top = (at - scene.first) * rowHeight;
    context.globalAlpha = scene.isDim(row) ? 0.4 : 1;
    if (isGroup(row)) drawGroup(context, scene, row, top);
    else drawSpan(context, scene, row, top);
    if (scene.critical) drawCritical(context, scene, row, top);
  }
  context.globalAlpha = 1;
}

function drawGrid(context: CanvasRenderingContext2D, { width, first, last, palette }: LaneScene): void {
  context.fillStyle = palette.line;
  for (let quarter = 1; quarter < 4; quarter++) {
    context.fillRect(Math.round((width * quarter) / 4), 0, 1, (last - first) * rowHeight);
  }
}

function scaleOf({ window, width }: LaneScene): (time: number) => number {
  const perNano = width / lengthOf(window);
  return (time) => (time - window.from) * perNano;
}

/** Far outside the canvas is as good as just outside, and coordinates stay where rasterizers are exact. */
function visible(left: number, right: number, width: number): readonly [left: number, right: number] | null {
  if (right < 0 || left > width) return null;
  return [Math.max(left, -20), Math.min(right, width + 20)];
}

function drawSpan(context: CanvasRenderingContext2D, scene: LaneScene, span: number, top: number): void {
  const { trace, palette, width } = scene;
  const x = scaleOf(scene);
  const left = x(trace.start[span]);
  const right = Math.max(left + leastWidth, x(endOf(trace, span)));
  const isError = hasFlag(trace, span, Flag.error);
  const part = visible(left, right, width);
  if (part) {
    context.fillStyle = palette.painters[trace.painter[span]];
    context.beginPath();
    context.roundRect(part[0], top + barTop, part[1] - part[0], barHeight, Math.min(2.5, (right - left) / 2));
    context.fill();
    drawSelfTime(context, scene, span, top, left, right);
  }
  if (isError && right > -8 && right < width) {
    context.fillStyle = palette.error;
    context.fillRect(right + 3, top + barTop, 3, barHeight);
  }
  drawLabel(context, scene, formatDuration(trace.duration[span]), { left, right, top, gap: isError ? 10 : 6, span });
}

function drawSelfTime(
  context: CanvasRenderingContext2D,
  scene: LaneScene,
  span: number,
  top: number,
  left: number,
  right: number,
): void {
  const { offsets, values } = scene.trace.selfSegments;
  if (offsets[span] === offsets[span + 1]) return;
  const x = scaleOf(scene);
  context.save();
  context.beginPath();
  context.roundRect(
    Math.max(left, -20),
    top + barTop,
    Math.min(right, scene.width + 20) - Math.max(left, -20),
    barHeight,
    2.5,
  );
  context.clip();
  context.fillStyle = scene.palette.barShade;
  forEachInterval(values, offsets[span], offsets[span + 1], x, scene.width, 0, (from, to) => {
    context.fillRect(from, top + barTop, to - from, barHeight);
  });
  context.restore();
}

/** Intervals in order of start as pixels; those closer than a pixel become one. */
function forEachInterval(
  values: Float64Array,
  begin: number,
  end: number,
  x: (time: number) => number,
  width: number,
  least: number,
  draw: (from: number, to: number) => void,
): void {
  let from = Number.NaN;
  let to = Number.NaN;
  for (let at = begin; at < end; at += 2) {
    const left = x(values[at]);
    const right = Math.max(left + least, x(values[at + 1]));
    if (right < 0 || left > width) continue;
    if (Math.abs(left - to) <= 0.5 || (left <= to && left >= from)) {
      to = Math.max(to, right);
      continue;
    }
    if (!Number.isNaN(from)) draw(Math.max(from, -1), Math.min(to, width + 1));
    from = left;
    to = right;
  }
  if (!Number.isNaN(from)) draw(Math.max(from, -1), Math.min(to, width + 1));
}

function drawGroup(context: CanvasRenderingContext2D, scene: LaneScene, row: number, top: number): void {
  const { trace, palette, width } = scene;
  const x = scaleOf(scene);
  const members = membersOfRow(trace, row);
  context.fillStyle = palette.painters[trace.painter[members[0]]];
  let total = 0;
  let last = 0;
  let drawnTo = Number.NEGATIVE_INFINITY;
  for (const span of members) {
    total += trace.duration[span];
    last = Math.max(last, endOf(trace, span));
    const left = x(trace.start[span]);
    const right = x(endOf(trace, span));
    // Less than a pixel after the previous tick it would only blur it.
    if (right < 0 || left > width || (left < drawnTo + 0.4 && right <= drawnTo + 0.4)) continue;
    const from = Math.max(left, drawnTo + (left > drawnTo - 1 ? 1 : 0), -1);
    const to = Math.max(from + 1, Math.min(right, width + 1));
    context.fillRect(from, top + barTop, to - from, barHeight);
    drawnTo = to;
  }
  const left = x(trace.start[members[0]]);
  const right = Math.max(left + leastWidth, x(last));
  const isError = members.some((span) => hasFlag(trace, span, Flag.error));
  if (isError && right > -8 && right < width) {
    context.fillStyle = palette.error;
    context.fillRect(right + 3, top + barTop, 3, barHeight);
  }
  drawLabel(context, scene, `Σ ${formatDuration(total)}`, { left, right, top, gap: isError ? 10 : 6, span: -1 });
}

interface LabelPlace {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly gap: number;
  /** The span whose self time the label keeps clear of; -1 for none. */
  readonly span: number;
}

/** After the bar; else inside when it is long; else before it. */
function drawLabel(context: CanvasRenderingContext2D, scene: LaneScene, text: string, place: LabelPlace): void {
  const { width, palette, trace } = scene;
  const { left, right, top, gap, span } = place;
  const middle = top + barTop + barHeight / 2 + 0.5;
  context.font = `${labelSize}px ${palette.sans}`;
  const textWidth = context.measureText(text).width;
  if (right + gap + textWidth <= width - 4) {
    if (right + gap < 0) return;
    context.fillStyle = palette.muted;
    context.fillText(text, right + gap, middle);
    return;
  }
  const shownLeft = Math.max(left, 0);
  if (Math.min(right, width) - shownLeft > textWidth + 24 && span >= 0) {
    const { offsets, values } = trace.selfSegments;
    const x = scaleOf(scene);
    const hasLeadingSelf = offsets[span + 1] > offsets[span] && values[offsets[span]] === trace.start[span];
    const leadingEnd = hasLeadingSelf ? x(values[offsets[span] + 1]) : shownLeft;
    const inside =
      leadingEnd > shownLeft && leadingEnd + textWidth + 14 < Math.min(right, width) ? leadingEnd : shownLeft;
    context.save();
    context.font = `600 ${labelSize}px ${palette.sans}`;
    context.fillStyle = palette.barText;
    context.shadowColor = 'rgb(0 0 0 / 0.55)';
    context.shadowBlur = 2.5;
    context.fillText(text, inside + 7, middle);
    context.restore();
    return;
  }
  context.fillStyle = palette.muted;
  const before = left - 6 - textWidth;
  if (before >= 2 && left < width) context.fillText(text, before, middle);
}

function drawCritical(context: CanvasRenderingContext2D, scene: LaneScene, row: number, top: number): void {
  const { trace, palette, width, positions } = scene;
  const { offsets, values } = trace.critical;
  const x = scaleOf(scene);
  context.fillStyle = palette.critical;
  const drawOf = (span: number) =>
    forEachInterval(values, offsets[span], offsets[span + 1], x, width, leastWidth, (from, to) => {
      context.fillRect(from, top + criticalTop, to - from, 2);
    });
  const withBelow = isGroup(row) || scene.isFolded(row);
  for (const member of membersOfRow(trace, row)) {
    if (!withBelow) {
      drawOf(member);
      continue;
    }
    const from = positions[member];
    for (let at = from; at <= from + trace.descendants[member]; at++) drawOf(trace.preorder[at]);
  }
}
