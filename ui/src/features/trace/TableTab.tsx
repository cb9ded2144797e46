// SPDX-License-Identifier: Apache-2.0
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { KindIcon } from '../../components/Icon';
import { formatDuration } from '../../lib/format';
import { Flag, hasFlag, nameOf, painterOf, serviceOf, type Trace, textOf } from '../../model/trace';
import { serviceCssColor } from '../../state/service-colors';
import type { TraceView } from './view-state';

interface TableTabProps {
  readonly trace: Trace;
  readonly change: (changes: Partial<TraceView>) => void;
  readonly selected: number | null;
}

type Column = 'name' | 'service' | 'start' | 'duration' | 'self';

const columns: readonly (readonly [column: Column, label: string])[] = [
  ['name', 'Span'],
  ['service', 'Service'],
  ['start', 'Start'],
  ['duration', 'Duration'],
  ['self', 'Self time'],
];
const rowHeight = 29;

function compare(trace: Trace, column: Column): (a: number, b: number) => number {
  if (column === 'name') return (a, b) => nameOf(trace, a).localeCompare(nameOf(trace, b));
  // Services are numbered in the order of their names.
  if (column === 'service') return (a, b) => trace.service[a] - trace.service[b];
  if (column === 'start') return (a, b) => trace.start[a] - trace.start[b];
  if (column === 'duration') return (a, b) => trace.duration[b] - trace.duration[a];
  return (a, b) => trace.selfTime[b] - trace.selfTime[a];
}

/** Every span as text: sortable, and the full alternative to the drawn bars. */
export function TableTab({ trace, change, selected }: TableTabProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [sort, setSort] = useState<{ column: Column; reversed: boolean }>({ column: 'start', reversed: false });
  const order = useMemo(() => {
    const by = compare(trace, sort.column);
    const spans = trace.preorder.slice().sort((a, b) => by(a, b) || a - b);
    return sort.reversed ? spans.reverse() : spans;
  }, [trace, sort]);
  const list = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });
  const items = list.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = list.getTotalSize() - (items.at(-1)?.end ?? 0);
  const sortBy = (column: Column) => setSort({ column, reversed: column === sort.column && !sort.reversed });
  return (
    <div className="tab-page">
      <section className="tab-scroll" ref={scroller} tabIndex={0} aria-label="Table of spans" data-testid="table-tab">
        <table className="span-table" aria-rowcount={order.length + 1}>
          <thead>
            <tr>
              {columns.map(([column, label]) => (
                <th
                  key={column}
                  aria-sort={sort.column === column ? (sort.reversed ? 'descending' : 'ascending') : undefined}
                  className={column === 'name' || column === 'service' ? undefined : 'right'}
                >
                  <button type="button" className="sort-button" onClick={() => sortBy(column)}>
                    {label} {sort.column === column ? (sort.reversed ? '▴' : '▾') : ''}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr style={{ height: above }} />}
            {items.map(({ index }) => (
              <SpanLine
                key={order[index]}
                trace={trace}
                span={order[index]}
                selected={order[index] === selected}
                open={() => change({ selected: order[index] })}
              />
            ))}
            {below > 0 && <tr style={{ height: below }} />}
          </tbody>
        </table>
      </section>
    </div>
  );
}

interface SpanLineProps {
  readonly trace: Trace;
  readonly span: number;
  readonly selected: boolean;
  readonly open: () => void;
}

function SpanLine({ trace, span, selected, open }: SpanLineProps) {
  const database = hasFlag(trace, span, Flag.database);
  const service = serviceOf(trace, span);
  return (
    <tr className={selected ? 'selected' : undefined} data-span-id={trace.spanIds[span]}>
      <td className="span-cell">
        <KindIcon kind={trace.kind[span]} database={database} />
        <button type="button" className="link-button" onClick={open}>
          {nameOf(trace, span) || '(no name)'}
        </button>
        {hasFlag(trace, span, Flag.error) && <span className="tag error">error</span>}
        <span className="mono muted">{textOf(trace, span).slice(0, 200)}</span>
      </td>
      <td>
        <span className="stripe" style={{ background: serviceCssColor(painterOf(trace, span)) }} /> {service}
      </td>
      <td className="right">{formatDuration(trace.start[span])}</td>
      <td className="right">{formatDuration(trace.duration[span])}</td>
      <td className="right">{formatDuration(trace.selfTime[span])}</td>
    </tr>
  );
}
