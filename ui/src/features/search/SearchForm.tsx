// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import { Combo } from '../../components/Combo';
import { Icon } from '../../components/Icon';
import { parseDuration, toGoDuration } from '../../lib/duration';
import { AttributeChips } from './AttributeChips';
import type { SearchParams } from './params';
import { RangeFields } from './RangeFields';
import { defaults, useOperations } from './useSearch';

interface SearchFormProps {
  readonly search: SearchParams;
  readonly services: readonly string[];
  readonly apply: (changes: Partial<SearchParams>) => void;
  readonly busy: boolean;
}

const limits = [20, 50, 100, 200, 500, 1500];

/** What is chosen applies at once; what is typed applies with Enter, on leaving the field, or with the button. */
export function SearchForm({ search, services, apply, busy }: SearchFormProps) {
  const operations = useOperations(search.service);
  const [minDuration, setMin] = useState(search.minDuration);
  const [maxDuration, setMax] = useState(search.maxDuration);
  // The address may change under the form: Back, or a link. Fields that are being typed in keep their focus.
  useEffect(() => setMin(search.minDuration), [search.minDuration]);
  useEffect(() => setMax(search.maxDuration), [search.maxDuration]);
  const valid = (text: string) => text.trim() === '' || parseDuration(text) !== null;
  const applyDurations = () => {
    if (!valid(minDuration) || !valid(maxDuration)) return;
    const next = { minDuration: toGoDuration(minDuration), maxDuration: toGoDuration(maxDuration) };
    if (next.minDuration !== search.minDuration || next.maxDuration !== search.maxDuration) apply(next);
  };
  return (
    <form
      className="conditions"
      data-testid="search-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!valid(minDuration) || !valid(maxDuration)) return;
        apply({ minDuration: toGoDuration(minDuration), maxDuration: toGoDuration(maxDuration) });
      }}
    >
      <Combo
        label="service"
        value={search.service}
        options={services}
        placeholder="any"
        testId="service"
        onChoose={(service) => apply({ service, operation: '', traceIds: [] })}
      />
      <Combo
        label="operation"
        value={search.operation}
        options={operations.data ?? []}
        placeholder="any"
        testId="operation"
        onChoose={(operation) => apply({ operation, traceIds: [] })}
      />
      <DurationField
        op="≥"
        name="min-duration"
        label="Shortest span"
        value={minDuration}
        set={setMin}
        done={applyDurations}
        valid={valid(minDuration)}
      />
      <DurationField
        op="≤"
        name="max-duration"
        label="Longest span"
        value={maxDuration}
        set={setMax}
        done={applyDurations}
        valid={valid(maxDuration)}
      />
      <AttributeChips attributes={search.attributes} onChange={(attributes) => apply({ attributes, traceIds: [] })} />
      {search.traceIds.length > 0 && (
        <span className="chip set">
          <span className="chip-key">traces</span>
          <span className="chip-op">are</span>
          <b className="chip-value">{search.traceIds.length} of the link</b>
          <button
            type="button"
            className="chip-x"
            title="Search all traces"
            aria-label="Search all traces"
            onClick={() => apply({ traceIds: [] })}
          >
            <Icon name="close" />
          </button>
        </span>
      )}
      <span className="grow" />
      <RangeFields search={search} apply={apply} />
      <label className="select" title="Most traces to list">
        <span className="faint">limit</span>
        <select
          value={search.limit}
          data-testid="limit"
          onChange={(event) => apply({ limit: Number(event.target.value) })}
        >
          {[...new Set([...limits.filter((limit) => limit <= defaults.maxLimit), search.limit])]
            .toSorted((a, b) => a - b)
            .map((limit) => (
              <option key={limit}>{limit}</option>
            ))}
        </select>
      </label>
      <button type="submit" className="btn primary" data-testid="search-button" aria-busy={busy}>
        Search
      </button>
    </form>
  );
}

interface DurationFieldProps {
  readonly op: string;
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly set: (value: string) => void;
  readonly done: () => void;
  readonly valid: boolean;
}

function DurationField({ op, name, label, value, set, done, valid }: DurationFieldProps) {
  return (
    <label
      className={`chip${value ? ' set' : ''}${valid ? '' : ' bad'}`}
      title={`${label} of a trace, such as 100ms, 1.2s, 500us`}
    >
      <span className="chip-key">duration</span>
      <span className="chip-op">{op}</span>
      <input
        className="chip-input"
        size={6}
        value={value}
        placeholder="any"
        aria-label={`${label}, such as 100ms`}
        aria-invalid={!valid}
        data-testid={name}
        onChange={(event) => set(event.target.value)}
        onBlur={done}
      />
      {!valid && <span className="chip-complaint">want 100ms, 1.2s</span>}
    </label>
  );
}
