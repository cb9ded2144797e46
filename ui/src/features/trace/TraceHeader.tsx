// SPDX-License-Identifier: Apache-2.0
import { CopyButton } from '../../components/CopyButton';
import { Icon } from '../../components/Icon';
import { Link } from '../../components/Link';
import { formatCount, formatDuration, plural } from '../../lib/format';
import { formatDay, formatTime, toMillis } from '../../model/time';
import { type DatabaseSummary, Flag, hasFlag, nameOf, serviceOf, type Trace } from '../../model/trace';
import { lastSearch } from '../../state/last-search';
import { useZone } from '../../state/prefs';
import { currentPlace, navigate } from '../../state/router';
import { type Tab, tabs } from './view-state';

/** The first root that lost no parent; a trace of orphans has only orphans. */
export function mainRoot(trace: Trace): number {
  return trace.roots.find((span) => !hasFlag(trace, span, Flag.orphan)) ?? trace.roots[0];
}

interface TraceHeaderProps {
  readonly trace: Trace;
  readonly tab: Tab;
}

export function TraceHeader({ trace, tab }: TraceHeaderProps) {
  const root = mainRoot(trace);
  return (
    <header className="trace-head">
      <div className="trace-title">
        <Link path="/search" query={lastSearch()} className="faint back" title="Back to the search">
          <Icon name="back" label="Back to the search" />
        </Link>
        <h1>
          <b>{serviceOf(trace, root)}</b> {nameOf(trace, root)}
        </h1>
        <code className="faint" title={trace.traceId}>
          {trace.traceId.slice(0, 8)}
        </code>
        <CopyButton text={trace.traceId} what="the trace id" label="copy" />
      </div>
      <Facts trace={trace} />
      <TabList tab={tab} />
    </header>
  );
}

function Facts({ trace }: { readonly trace: Trace }) {
  const zone = useZone();
  const startMs = toMillis(trace.startTime);
  const { errorCount, orphanCount, database } = trace.summary;
  return (
    <div className="facts" data-testid="facts">
      <span title={new Date(startMs).toISOString()}>
        {formatDay(startMs, zone, Date.now())}, <b>{formatTime(startMs, zone)}</b>
      </span>
      <span>
        Duration <b>{formatDuration(trace.totalDuration)}</b>
      </span>
      <span>
        Services <b>{formatCount(trace.services.length)}</b>
      </span>
      <span>
        Spans <b>{formatCount(trace.size)}</b>
      </span>
      {errorCount > 0 && (
        <span className="error-text">
          Errors <b>{formatCount(errorCount)}</b>
        </span>
      )}
      {orphanCount > 0 && (
        <span className="tag warn" title="Their parents are lost, were not sampled, or are still on their way">
          incomplete: {plural(orphanCount, 'span')} without parent
        </span>
      )}
      {trace.dropped.length > 0 && (
        <span className="tag warn" title={trace.dropped.join('\n')}>
          {plural(trace.dropped.length, 'unreadable span')} left out
        </span>
      )}
      {database && <DatabaseStrip database={database} />}
    </div>
  );
}

function DatabaseStrip({ database }: { readonly database: DatabaseSummary }) {
  return (
    <span
      className="tag database"
      data-testid="database-strip"
      title={`All calls together: ${formatDuration(database.totalTime)}`}
    >
      Database <b>{formatDuration(database.criticalTime)}</b> on the critical path ·{' '}
      <b>{formatCount(database.queries)}</b> {database.queries === 1 ? 'query' : 'queries'},{' '}
      <b>{formatCount(database.distinct)}</b> distinct
    </span>
  );
}

const tabNames: Record<Tab, string> = { timeline: 'Timeline', table: 'Table', events: 'Events', json: 'JSON' };

function openTab(tab: Tab): void {
  const params = new URLSearchParams(currentPlace().query);
  if (tab === 'timeline') params.delete('view');
  else params.set('view', tab);
  navigate(currentPlace().path, params.toString());
}

function TabList({ tab }: { readonly tab: Tab }) {
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label="Views of the trace"
      onKeyDown={(event) => {
        const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (step === 0) return;
        event.preventDefault();
        const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
        openTab(next);
        event.currentTarget.querySelector<HTMLElement>(`[data-testid="tab-${next}"]`)?.focus();
      }}
    >
      {tabs.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          className="tab"
          aria-selected={name === tab}
          tabIndex={name === tab ? 0 : -1}
          data-testid={`tab-${name}`}
          onClick={() => name !== tab && openTab(name)}
        >
          {tabNames[name]}
        </button>
      ))}
    </div>
  );
}
