// SPDX-License-Identifier: Apache-2.0
import { plural } from '../../lib/format';
import { isTraceOrder, traceOrders } from '../../model/trace-list';
import type { SearchParams } from './params';

interface ResultsToolbarProps {
  readonly search: SearchParams;
  readonly count: number;
  readonly apply: (changes: Partial<SearchParams>) => void;
}

export function ResultsToolbar({ search, count, apply }: ResultsToolbarProps) {
  const cut = count >= search.limit && search.traceIds.length === 0;
  return (
    <div className="results-bar">
      <b data-testid="result-count">{plural(count, 'trace')}</b>
      {cut && (
        <span className="muted" title="The search stopped here; older ones may match too">
          the newest that match; raise the limit for more
        </span>
      )}
      <span className="grow" />
      <label className="select">
        <span className="faint">order</span>
        <select
          value={search.order}
          data-testid="order"
          onChange={(event) => isTraceOrder(event.target.value) && apply({ order: event.target.value })}
        >
          {Object.entries(traceOrders).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
