// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo } from 'react';
import { rememberSearch } from '../../state/last-search';
import { navigate, usePlace } from '../../state/router';
import { EmptyResult, NoData } from './EmptyStates';
import { readSearchParams, type SearchParams, spanLink, writeSearchParams } from './params';
import { ResultsTable } from './ResultsTable';
import { ResultsToolbar } from './ResultsToolbar';
import { SearchFailure } from './SearchFailure';
import { SearchForm } from './SearchForm';
import './search.css';
import { defaults, useServices, useTraces } from './useSearch';

export default function SearchPage() {
  const { query, key } = usePlace();
  const search = useMemo(() => readSearchParams(query, defaults), [query]);
  // What only orders the rows asks for no new rows.
  const asked = useMemo(() => writeSearchParams({ ...search, order: 'newest' }, defaults), [search]);
  const services = useServices();
  const traces = useTraces(search, asked);

  useEffect(() => {
    document.title = search.service ? `${search.service} · Skua` : 'Search · Skua';
  }, [search.service]);
  useEffect(() => rememberSearch(query), [query]);
  useEffect(() => {
    const target = spanLink(query);
    if (target) navigate(target.path, target.query, 'replace');
  }, [query]);

  const apply = (changes: Partial<SearchParams>) => {
    const next = writeSearchParams({ ...search, ...changes }, defaults);
    if (next === writeSearchParams(search, defaults)) traces.refetch();
    else navigate('/search', next);
  };

  const noData = services.data?.length === 0 && !traces.data?.length && !traces.error;
  return (
    <div className="search-page">
      <h1 className="hidden">Search traces</h1>
      <SearchForm search={search} services={services.data ?? []} apply={apply} busy={traces.isFetching} />
      {search.problems.length > 0 && (
        <ul className="panel notice notice-warn" data-testid="problems">
          {search.problems.map((problem) => (
            <li key={problem}>Left out of the search: {problem}</li>
          ))}
        </ul>
      )}
      {traces.error && <SearchFailure error={traces.error} retry={() => traces.refetch()} />}
      {noData && <NoData />}
      {!noData && traces.data?.length === 0 && <EmptyResult search={search} apply={apply} />}
      {traces.data && traces.data.length > 0 && (
        <>
          <ResultsToolbar search={search} count={traces.data.length} apply={apply} />
          <ResultsTable items={traces.data} order={search.order} visit={key} />
        </>
      )}
    </div>
  );
}
