// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { CopyButton } from '../../components/CopyButton';
import { Icon } from '../../components/Icon';
import { Link } from '../../components/Link';
import type { Attribute } from '../../model/trace';

interface AttributeTableProps {
  readonly title: string;
  readonly attributes: readonly Attribute[];
  /** A value leads to a search in this service; null for values that are no attributes of spans. */
  readonly service: string | null;
  readonly testId: string;
}

const mostShown = 500;
const filterFrom = 6;

export function AttributeTable({ title, attributes, service, testId }: AttributeTableProps) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const matching = attributes.filter(({ key, value }) => `${key} ${value}`.toLowerCase().includes(wanted));
  return (
    <section data-testid={testId}>
      <h3>
        {title}
        {attributes.length >= filterFrom && (
          <input
            className="filter"
            type="search"
            placeholder="filter…"
            aria-label={`Filter: ${title}`}
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
        )}
      </h3>
      {attributes.length === 0 && service !== null && <p className="faint">none</p>}
      {attributes.length > 0 && matching.length === 0 && <p className="faint">nothing matches the filter</p>}
      <dl className="attributes">
        {matching.slice(0, mostShown).map((attribute, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a key may occur twice in what was sent
          <AttributeRow key={`${attribute.key} ${index}`} attribute={attribute} service={service} />
        ))}
      </dl>
      {matching.length > mostShown && <p className="faint">{matching.length - mostShown} more; narrow the filter</p>}
    </section>
  );
}

interface AttributeRowProps {
  readonly attribute: Attribute;
  readonly service: string | null;
}

const longestSearched = 512;

export function AttributeRow({ attribute, service }: AttributeRowProps) {
  const { key, value, type } = attribute;
  const [open, setOpen] = useState(false);
  const long = value.length > 60 || value.includes('\n');
  const searchable = service !== null && value.length <= longestSearched;
  const query = searchable ? new URLSearchParams({ service, tags: JSON.stringify({ [key]: value }) }).toString() : '';
  return (
    <div className={open ? 'open' : undefined}>
      <dt title={key}>{key}</dt>
      <dd title={`${type}: ${value.slice(0, 1000)}`} className="mono">
        {long ? (
          <button type="button" className="value-button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? value : value.slice(0, 300)}
          </button>
        ) : (
          value || <span className="faint">empty</span>
        )}
        <span className="attribute-actions">
          <CopyButton text={value} what={key} />
          {searchable && (
            <Link path="/search" query={query} title={`Search traces with ${key} = ${value.slice(0, 60)}`}>
              <Icon name="search" label={`Search by ${key}`} />
            </Link>
          )}
        </span>
      </dd>
    </div>
  );
}
