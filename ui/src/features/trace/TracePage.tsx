// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo } from 'react';
import { ErrorBox } from '../../components/ErrorBox';
import { Link } from '../../components/Link';
import { parseTraceId } from '../../lib/ids';
import { nameOf, serviceOf, type Trace } from '../../model/trace';
import { currentPlace, navigate, replaceParams, usePlace } from '../../state/router';
import { DetailPanel } from './DetailPanel';
import { EventsTab } from './EventsTab';
import { JsonTab } from './JsonTab';
import { PanelFrame } from './PanelFrame';
import { TableTab } from './TableTab';
import { Timeline } from './Timeline';
import { TraceFailure } from './TraceFailure';
import { mainRoot, TraceHeader } from './TraceHeader';
import './trace.css';
import { useTrace } from './useTrace';
import { readView, type TraceView, writeView } from './view-state';

export default function TracePage({ id }: { readonly id: string }) {
  const traceId = parseTraceId(id);
  useEffect(() => {
    // One address per trace, however the link spelt the id.
    if (traceId !== null && traceId !== id) navigate(`/trace/${traceId}`, currentPlace().query, 'replace');
  }, [traceId, id]);
  if (traceId === null) {
    return (
      <div className="page-pad">
        <ErrorBox
          what="This is no trace id"
          why={`"${id.slice(0, 80)}" is not hexadecimal with up to 32 digits`}
          advice={
            <>
              Check that the link was copied whole, or <Link path="/search">search</Link> for the trace.
            </>
          }
        />
      </div>
    );
  }
  return <LoadedTrace key={traceId} traceId={traceId} />;
}

function LoadedTrace({ traceId }: { readonly traceId: string }) {
  const { data: trace, error, refetch } = useTrace(traceId);
  if (trace) return <TraceBody trace={trace} />;
  if (error) return <TraceFailure traceId={traceId} error={error} retry={() => refetch()} />;
  return (
    <p className="page-pad faint" role="status">
      Loading trace {traceId.slice(0, 8)}…
    </p>
  );
}

function TraceBody({ trace }: { readonly trace: Trace }) {
  const { query } = usePlace();
  const view = useMemo(() => readView(trace, query), [trace, query]);
  const change = useMemo(() => (changes: Partial<TraceView>) => replaceParams(writeView(trace, changes)), [trace]);
  const root = mainRoot(trace);
  const title = `${serviceOf(trace, root)}: ${nameOf(trace, root)}`;
  useEffect(() => {
    document.title = `${title} · Skua`;
  }, [title]);
  const params = new URLSearchParams(query);
  const bare = params.get('uiEmbed') === 'v0' && params.get('uiTimelineHideSummary') === '1';
  return (
    <div className="trace-page">
      <div className="trace-main">
        {!bare && <TraceHeader trace={trace} tab={view.tab} />}
        {view.tab === 'timeline' && <Timeline trace={trace} view={view} change={change} />}
        {view.tab === 'table' && <TableTab trace={trace} change={change} selected={view.selected} />}
        {view.tab === 'events' && <EventsTab trace={trace} change={change} />}
        {view.tab === 'json' && <JsonTab trace={trace} />}
      </div>
      {view.selected !== null && view.tab !== 'json' && (
        <PanelFrame>
          <DetailPanel trace={trace} row={view.selected} close={() => change({ selected: null })} change={change} />
        </PanelFrame>
      )}
    </div>
  );
}
