// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { loadDetail } from '../../api/trace-client';
import { CopyButton } from '../../components/CopyButton';
import { Icon, KindIcon } from '../../components/Icon';
import { formatCount } from '../../lib/format';
import { Flag, hasFlag, nameOf, painterOf, serviceOf, type Trace, textOf } from '../../model/trace';
import { isGroup, membersOfRow, spanOfRow } from '../../model/visible-rows';
import { currentPlace, hrefOf } from '../../state/router';
import { serviceCssColor } from '../../state/service-colors';
import { AttributeTable } from './AttributeTable';
import { EventLine } from './EventLine';
import { Figures } from './Figures';
import { GroupCalls } from './GroupCalls';
import { Links } from './Links';
import { SqlBlock } from './SqlBlock';
import { indexOfSpan, type TraceView } from './view-state';

interface DetailPanelProps {
  readonly trace: Trace;
  readonly row: number;
  readonly close: () => void;
  readonly change: (changes: Partial<TraceView>) => void;
}

function useDetail(trace: Trace, span: number) {
  return useQuery({
    queryKey: ['detail', trace.traceId, trace.size, span],
    queryFn: () => loadDetail(trace.traceId, span),
    // The panel keeps its place while the next span is read.
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
}

/** A link to this span alone: opens the trace with it selected, here and in Jaeger. */
function spanAddress(trace: Trace, span: number): string {
  const query = new URLSearchParams({ uiFind: trace.spanIds[span] }).toString();
  return new URL(hrefOf(currentPlace().path, query), location.href).href;
}

export function DetailPanel({ trace, row, close, change }: DetailPanelProps) {
  const span = spanOfRow(trace, row);
  const members = membersOfRow(trace, row);
  const { data: detail, error } = useDetail(trace, span);
  const database = hasFlag(trace, span, Flag.database);
  const system = detail?.attributes.find(({ key }) => key === 'db.system.name' || key === 'db.system')?.value ?? '';
  const service = serviceOf(trace, span);
  const ofFirst = isGroup(row) ? ' of the first call' : '';
  return (
    <div className="details" data-testid="detail-panel" data-span-id={trace.spanIds[span]}>
      <div className="details-title">
        <span className="stripe" style={{ background: serviceCssColor(painterOf(trace, span)) }} aria-hidden="true" />
        <KindIcon kind={trace.kind[span]} database={database} />
        <h2>{nameOf(trace, span) || '(no name)'}</h2>
        {isGroup(row) && (
          <span className="tag warn">
            <b>× {formatCount(members.length)}</b>
          </span>
        )}
        {hasFlag(trace, span, Flag.error) && <span className="tag error">error</span>}
        <span className="grow" />
        <button type="button" className="chip-x" title="Close (Esc)" aria-label="Close the details" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <Figures trace={trace} row={row} system={system} />
      {error && (
        <p className="error-text" role="alert">
          Cannot read the details: {error.message}
        </p>
      )}
      {detail?.statusMessage && <p className="card card-error">{detail.statusMessage}</p>}
      {detail?.warnings.map((warning) => (
        <p key={warning} className="card card-warn">
          <Icon name="warning" label="Warning" /> {warning}
        </p>
      ))}
      {database && textOf(trace, span) !== '' && <SqlBlock text={textOf(trace, span)} system={system} />}
      {isGroup(row) && <GroupCalls trace={trace} members={members} onOpen={(call) => change({ selected: call })} />}
      {detail && (
        <>
          <AttributeTable
            title={`Attributes${ofFirst}`}
            attributes={detail.attributes}
            service={service}
            testId="attributes"
          />
          {detail.events.length > 0 && <EventLine trace={trace} span={span} events={detail.events} />}
          {detail.links.length > 0 && (
            <Links
              trace={trace}
              links={detail.links}
              onOpen={(id) => {
                const linked = indexOfSpan(trace, id);
                if (linked !== undefined) change({ selected: linked });
              }}
            />
          )}
          <AttributeTable
            title={`Resource · ${service}`}
            attributes={detail.resource}
            service={null}
            testId="resource"
          />
          {(detail.scope.name || detail.scope.attributes.length > 0) && (
            <AttributeTable
              title={`Scope · ${detail.scope.name || 'unnamed'} ${detail.scope.version}`}
              attributes={detail.scope.attributes}
              service={null}
              testId="scope"
            />
          )}
          <section className="ids">
            <h3>Span</h3>
            <div className="ids-line">
              <code>{trace.spanIds[span]}</code>
              <CopyButton text={trace.spanIds[span]} what="the span id" />
              <span className="grow" />
              <CopyButton text={spanAddress(trace, span)} what="a link to this span" label="copy link" />
            </div>
            {detail.traceState && (
              <div className="ids-line">
                <span className="muted">trace state</span> <code>{detail.traceState}</code>
              </div>
            )}
          </section>
          <details className="raw">
            <summary>Raw JSON</summary>
            <CopyButton text={detail.json} what="the JSON of this span" />
            <pre className="mono well" tabIndex={0} data-testid="raw-json">
              {detail.json}
            </pre>
          </details>
        </>
      )}
    </div>
  );
}
