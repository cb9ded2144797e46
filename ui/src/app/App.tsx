// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { ApiError } from '../api/errors';
import { navigate, usePlace } from '../state/router';
import { ErrorBoundary } from './ErrorBoundary';
import { NotFound } from './NotFound';
import { TopBar } from './TopBar';

const SearchPage = lazy(() => import('../features/search/SearchPage'));
const TracePage = lazy(() => import('../features/trace/TracePage'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // A server that is just starting is asked again; one that answered "no" is not.
      retry: (count, error) => count < 2 && error instanceof ApiError && error.kind === 'network',
      retryDelay: 400,
      gcTime: 5 * 60_000,
    },
  },
});

function Page() {
  const { path, query } = usePlace();
  const route = path.replace(/\/+$/, '');
  useEffect(() => {
    if (route === '') navigate('/search', query, 'replace');
  }, [route, query]);
  if (route === '') return null;
  if (route === '/search') return <SearchPage />;
  const trace = /^\/trace\/([^/]+)$/.exec(route);
  if (trace && !trace[1].includes('...')) return <TracePage id={decode(trace[1])} />;
  return <NotFound path={path} />;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function App() {
  const { query } = usePlace();
  const embedded = new URLSearchParams(query).get('uiEmbed') === 'v0';
  return (
    <QueryClientProvider client={queries}>
      {!embedded && <TopBar />}
      <main className="page">
        <ErrorBoundary>
          <Suspense fallback={null}>
            <Page />
          </Suspense>
        </ErrorBoundary>
      </main>
    </QueryClientProvider>
  );
}
