// SPDX-License-Identifier: Apache-2.0
// A column of text (DOM, a treegrid for assistive programs) and a column of bars (one canvas). Only a slice of rows a little larger
// than the screen exists; both columns lie inside the scrolled content, so between two slices the browser scrolls them together.
import { type MouseEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { drawLanes, rowHeight } from '../../canvas/lanes';
import { prepare } from '../../canvas/surface';
import { clampWindow, lengthOf, type TimeWindow, zoomAround } from '../../model/time-window';
import type { Trace } from '../../model/trace';
import { isExpandable, isGroup, membersOfRow, type Rows } from '../../model/visible-rows';
import { Ruler } from './Ruler';
import { Splitter, useTreeWidth } from './Splitter';
import { TreeRow } from './TreeRow';
import type { Matches } from './useFind';
import { usePalette } from './usePalette';
import { useSize } from './useSize';
import { isRowOpen, rowKey, type TraceView } from './view-state';

/** A row to scroll to; a new object asks anew. */
export interface Reveal {
  readonly row: number;
}

interface WaterfallProps {
  readonly trace: Trace;
  readonly rows: Rows;
  readonly view: TraceView;
  readonly cursor: number | null;
  readonly matches: Matches | null;
  readonly positions: Uint32Array;
  readonly reveal: Reveal | null;
  readonly onSelect: (row: number) => void;
  readonly onToggle: (row: number) => void;
  readonly setWindow: (window: TimeWindow) => void;
}

/** Rows beyond each edge of the screen; slices begin at multiples of the step, so most scrolling draws nothing. */
const overscan = 12;
const headHeight = 22;
const step = 8;

function sliceOf(scrollTop: number, height: number, count: number): readonly [first: number, last: number] {
  const first = Math.floor(scrollTop / rowHeight / step) * step - overscan;
  const last = first + Math.ceil(height / rowHeight) + step + 2 * overscan;
  return [Math.min(Math.max(0, first), count), Math.min(last, count)];
}

export function Waterfall(props: WaterfallProps) {
  const { trace, rows, view, cursor, matches, positions, reveal, onSelect, onToggle, setWindow } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(scroller);
  const [treeWidth, setTreeWidth] = useTreeWidth(width);
  const [top, setTop] = useState(0);
  const palette = usePalette(trace);
  const [first, last] = sliceOf(top, height, rows.ids.length);
  const laneWidth = Math.max(0, width - treeWidth);

  const isDim = (row: number) => matches !== null && !membersOfRow(trace, row).some((span) => matches.mask[span] === 1);
  const isFolded = (row: number) => !isGroup(row) && isExpandable(trace, row) && !isRowOpen(view, row);

  useLayoutEffect(() => {
    const height = (last - first) * rowHeight;
    const context = canvas.current && laneWidth > 0 ? prepare(canvas.current, laneWidth, height) : null;
    if (!context) return;
    const { window, critical } = view;
    drawLanes(context, {
      trace,
      rows,
      first,
      last,
      window,
      width: laneWidth,
      palette,
      critical,
      isFolded,
      isDim,
      positions,
    });
  });
  useFontsLoaded();
  useReveal(scroller, rows, reveal);
  useWheelZoom(scroller, treeWidth, laneWidth, view.window, trace.totalDuration, setWindow);

  const rowOf = (event: MouseEvent): number | undefined => {
    const index = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset.index;
    return index === undefined ? undefined : rows.ids[Number(index)];
  };
  const cursorAt = cursor === null ? -1 : rows.ids.indexOf(cursor);
  return (
    <div className="waterfall" style={{ '--tree': `${treeWidth}px` } as React.CSSProperties}>
      <div
        className="waterfall-grid"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.ids.length + 1}
        aria-colcount={2}
        aria-activedescendant={
          cursorAt >= first && cursorAt < last ? `row-${rowKey(trace, rows.ids[cursorAt])}` : undefined
        }
        tabIndex={0}
        ref={scroller}
        data-testid="waterfall"
        onScroll={(event) => setTop(Math.floor(event.currentTarget.scrollTop / rowHeight / step) * step * rowHeight)}
      >
        <div className="waterfall-head" role="row" tabIndex={-1} aria-rowindex={1}>
          <div className="faint tree-head" role="columnheader" tabIndex={-1}>
            Service · operation
          </div>
          <Ruler window={view.window} total={trace.totalDuration} setWindow={setWindow} />
        </div>
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the page's, see useTimelineKeys */}
        <div
          className="waterfall-content"
          role="rowgroup"
          style={{ height: rows.ids.length * rowHeight }}
          onClick={(event) => {
            const row = rowOf(event);
            if (row === undefined) return;
            if ((event.target as HTMLElement).closest('.caret') && isExpandable(trace, row)) onToggle(row);
            else onSelect(row);
          }}
          onDoubleClick={(event) => {
            const row = rowOf(event);
            if (row !== undefined && isExpandable(trace, row) && !(event.target as HTMLElement).closest('.caret'))
              onToggle(row);
          }}
        >
          <div
            className="waterfall-rows"
            role="presentation"
            style={{ transform: `translateY(${first * rowHeight}px)` }}
          >
            {Array.from(rows.ids.subarray(first, last), (row, offset) => (
              <TreeRow
                key={row}
                trace={trace}
                row={row}
                depth={rows.depth[first + offset]}
                index={first + offset}
                open={isExpandable(trace, row) ? isRowOpen(view, row) : undefined}
                selected={row === view.selected}
                marked={row === cursor}
                dim={isDim(row)}
              />
            ))}
          </div>
          <canvas
            ref={canvas}
            className="lanes"
            style={{ top: first * rowHeight }}
            aria-hidden="true"
            data-testid="lanes"
          />
        </div>
      </div>
      <Splitter width={treeWidth} setWidth={setTreeWidth} />
      {rows.ids.length * rowHeight + 60 + headHeight < height && <KeyHints />}
    </div>
  );
}

/** The text in the canvas is measured with the font that is there; when the right one arrives it is drawn once more. */
function useFontsLoaded(): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    let wanted = true;
    document.fonts.load('600 11.5px Inter').then(() => wanted && redraw((count) => count + 1));
    return () => {
      wanted = false;
    };
  }, []);
}

function useReveal(scroller: React.RefObject<HTMLDivElement | null>, rows: Rows, reveal: Reveal | null): void {
  const done = useRef<Reveal | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!reveal || reveal === done.current || !element || element.clientHeight === 0) return;
    const at = rows.ids.indexOf(reveal.row);
    // Its ancestors are being unfolded: the next list of rows has it.
    if (at < 0) return;
    done.current = reveal;
    const top = at * rowHeight;
    const { scrollTop } = element;
    const clientHeight = element.clientHeight - headHeight;
    if (top < scrollTop) element.scrollTop = top - 2 * rowHeight;
    else if (top + rowHeight > scrollTop + clientHeight) element.scrollTop = top + 3 * rowHeight - clientHeight;
  });
}

/** Ctrl and wheel (or a pinch) zooms around the pointer, shift and wheel moves sideways. */
function useWheelZoom(
  scroller: React.RefObject<HTMLDivElement | null>,
  treeWidth: number,
  laneWidth: number,
  window: TimeWindow,
  total: number,
  setWindow: (window: TimeWindow) => void,
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element || laneWidth <= 0) return;
    const onWheel = (event: WheelEvent) => {
      const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (!event.ctrlKey && !(Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY))) return;
      event.preventDefault();
      const length = lengthOf(window);
      if (event.ctrlKey) {
        const share = (event.clientX - element.getBoundingClientRect().left - treeWidth) / laneWidth;
        const center = window.from + Math.min(1, Math.max(0, share)) * length;
        setWindow(zoomAround(window, center, Math.exp(event.deltaY / 300), total));
      } else {
        const delta = (sideways / laneWidth) * length;
        setWindow(clampWindow({ from: window.from + delta, to: window.to + delta }, total));
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [scroller, treeWidth, laneWidth, window, total, setWindow]);
}

function KeyHints() {
  return (
    <div className="faint key-hints" aria-hidden="true">
      <kbd>j</kbd> <kbd>k</kbd> <span>move</span> <kbd>←</kbd> <kbd>→</kbd> <span>fold</span> <kbd>Enter</kbd>{' '}
      <span>details</span> <kbd>c</kbd> <span>critical path</span> <kbd>?</kbd> <span>all keys</span>
    </div>
  );
}
