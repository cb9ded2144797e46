// SPDX-License-Identifier: Apache-2.0
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { sortTraces, type TraceItem, type TraceOrder } from '../../model/trace-list';
import { useZone } from '../../state/prefs';
import { ResultRow } from './ResultRow';

interface ResultsTableProps {
  readonly items: readonly TraceItem[];
  readonly order: TraceOrder;
  /** The entry of the history: Back finds the list where it was left. */
  readonly visit: string;
}

const rowHeight = 37;
const mostVisits = 50;
const scrolled = new Map<string, number>();

function rememberScroll(visit: string, top: number): void {
  scrolled.delete(visit);
  scrolled.set(visit, top);
  for (const oldest of scrolled.keys()) {
    if (scrolled.size <= mostVisits) break;
    scrolled.delete(oldest);
  }
}

export function ResultsTable({ items, order, visit }: ResultsTableProps) {
  const zone = useZone();
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = useMemo(() => sortTraces(items, order), [items, order]);
  const longest = useMemo(() => Math.max(1, ...items.map(({ duration }) => duration)), [items]);
  const rows = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    initialOffset: () => scrolled.get(visit) ?? 0,
  });
  useEffect(() => {
    scroller.current?.scrollTo({ top: scrolled.get(visit) ?? 0 });
  }, [visit]);

  const shown = rows.getVirtualItems();
  const above = shown[0]?.start ?? 0;
  const below = rows.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <section
      className="panel results"
      ref={scroller}
      aria-label="Traces found"
      tabIndex={0}
      onScroll={(event) => rememberScroll(visit, event.currentTarget.scrollTop)}
    >
      <table aria-rowcount={sorted.length + 1}>
        <thead>
          <tr>
            <th>Trace</th>
            <th>Duration</th>
            <th className="right">Spans</th>
            <th title="Share of the trace's spans, not of its time">Spans by service</th>
            <th>Errors</th>
            <th className="right">Started</th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr className="spacer" style={{ height: above }} />}
          {shown.map(({ index }) => (
            <ResultRow key={sorted[index].traceId} item={sorted[index]} index={index} longest={longest} zone={zone} />
          ))}
          {below > 0 && <tr className="spacer" style={{ height: below }} />}
        </tbody>
      </table>
    </section>
  );
}
