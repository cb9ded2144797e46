// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { loadEvents } from '../../api/trace-client';
import { formatDuration, plural } from '../../lib/format';
import { nameOf, painterOf, serviceOf, type Trace, type TraceEvent } from '../../model/trace';
import { serviceCssColor } from '../../state/service-colors';
import type { TraceView } from './view-state';

interface EventsTabProps {
  readonly trace: Trace;
  readonly change: (changes: Partial<TraceView>) => void;
}

const rowHeight = 29;

function wordsOf({ event }: TraceEvent): string {
  return event.attributes.map(({ key, value }) => `${key}=${value}`).join(' ');
}

/** Every event of the trace in order of time: its log. */
export function EventsTab({ trace, change }: EventsTabProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [filter, setFilter] = useState('');
  const { data, error } = useQuery({
    queryKey: ['events', trace.traceId, trace.size],
    queryFn: () => loadEvents(trace.traceId),
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    const matches = (item: TraceEvent) =>
      `${item.event.name} ${serviceOf(trace, item.span)} ${nameOf(trace, item.span)} ${wordsOf(item)}`
        .toLowerCase()
        .includes(wanted);
    return wanted === '' ? (data ?? []) : (data ?? []).filter(matches);
  }, [data, filter, trace]);
  const list = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  return (
    <div className="tab-page">
      <div className="tools">
        <input
          className="find-input"
          type="search"
          placeholder="Filter events"
          aria-label="Filter events"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="faint">{data && plural(shown.length, 'event')}</span>
      </div>
      {error && <p className="page-pad error-text">Cannot list the events: {error.message}</p>}
      {data?.length === 0 && <p className="page-pad muted">No span of this trace has events.</p>}
      <div className="tab-scroll" ref={scroller} tabIndex={0} data-testid="events-tab">
        <ul className="event-list" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const item = shown[index];
            const { span, event } = item;
            return (
              <li key={index} style={{ transform: `translateY(${start}px)` }}>
                <span className="event-time">{Number.isNaN(event.time) ? '–' : formatDuration(event.time)}</span>
                <span className="stripe" style={{ background: serviceCssColor(painterOf(trace, span)) }} />
                <button
                  type="button"
                  className="link-button"
                  title="Details of the span"
                  onClick={() => change({ selected: span })}
                >
                  {serviceOf(trace, span)} · {nameOf(trace, span)}
                </button>
                <b>{event.name}</b>
                <span className="mono muted event-words">{wordsOf(item).slice(0, 400)}</span>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
