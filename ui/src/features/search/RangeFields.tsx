// SPDX-License-Identifier: Apache-2.0
import { type KeyboardEvent, useState } from 'react';
import { fromLocalInput, toLocalInput, zoneName } from '../../model/time';
import { useZone } from '../../state/prefs';
import { type SearchParams, windowOf } from './params';

interface RangeFieldsProps {
  readonly search: SearchParams;
  readonly apply: (changes: Partial<SearchParams>) => void;
}

const lookbacks: readonly (readonly [value: string, label: string])[] = [
  ['5m', 'Last 5 minutes'],
  ['15m', 'Last 15 minutes'],
  ['30m', 'Last 30 minutes'],
  ['1h', 'Last hour'],
  ['3h', 'Last 3 hours'],
  ['12h', 'Last 12 hours'],
  ['1d', 'Last day'],
  ['2d', 'Last 2 days'],
  ['7d', 'Last 7 days'],
];

export function RangeFields({ search, apply }: RangeFieldsProps) {
  const known = lookbacks.some(([value]) => value === search.lookback) || search.lookback === 'custom';
  return (
    <>
      <label className="select" title="Window of time">
        <select
          value={search.lookback}
          aria-label="Window of time"
          data-testid="lookback"
          onChange={(event) => {
            const lookback = event.target.value;
            if (lookback === 'custom') apply({ lookback, ...windowOf(search, Date.now()) });
            else apply({ lookback, startMs: null, endMs: null });
          }}
        >
          {!known && <option value={search.lookback}>Last {search.lookback}</option>}
          {lookbacks.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
          <option value="custom">Custom range</option>
        </select>
      </label>
      {search.startMs !== null && search.endMs !== null && (
        <CustomRange
          key={`${search.startMs} ${search.endMs}`}
          startMs={search.startMs}
          endMs={search.endMs}
          apply={apply}
        />
      )}
    </>
  );
}

interface CustomRangeProps {
  readonly startMs: number;
  readonly endMs: number;
  readonly apply: (changes: Partial<SearchParams>) => void;
}

function CustomRange({ startMs, endMs, apply }: CustomRangeProps) {
  const zone = useZone();
  const [start, setStart] = useState<string | null>(null);
  const [end, setEnd] = useState<string | null>(null);
  const from = start ?? toLocalInput(startMs, zone);
  const to = end ?? toLocalInput(endMs, zone);
  const done = () => {
    const next = {
      startMs: start === null ? startMs : fromLocalInput(start, zone),
      endMs: end === null ? endMs : fromLocalInput(end, zone),
    };
    if (next.startMs === null || next.endMs === null || next.startMs >= next.endMs) return;
    if (next.startMs !== startMs || next.endMs !== endMs) apply({ lookback: 'custom', ...next });
  };
  const doneOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    done();
  };
  const wrong = from >= to;
  return (
    <span className={`range${wrong ? ' bad' : ''}`} title={`Times in ${zoneName(zone)}`}>
      <input
        type="datetime-local"
        step="0.001"
        value={from}
        aria-label="From"
        data-testid="range-start"
        onChange={(event) => setStart(event.target.value)}
        onBlur={done}
        onKeyDown={doneOnEnter}
      />
      <span className="faint">to</span>
      <input
        type="datetime-local"
        step="0.001"
        value={to}
        aria-label="To"
        aria-invalid={wrong}
        data-testid="range-end"
        onChange={(event) => setEnd(event.target.value)}
        onBlur={done}
        onKeyDown={doneOnEnter}
      />
      {wrong && <span className="chip-complaint">ends before it begins</span>}
    </span>
  );
}
