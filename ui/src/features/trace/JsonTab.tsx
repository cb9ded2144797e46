// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import { traceUrl } from '../../api/address';
import { loadJson } from '../../api/trace-client';
import { CopyButton } from '../../components/CopyButton';
import { formatCount } from '../../lib/format';
import type { Trace } from '../../model/trace';

/** Above this the text alone would take hundreds of megabytes; the file is a click away. */
const mostSpans = 5_000;
const lineHeight = 18;
const longestLine = 2_000;

export function JsonTab({ trace }: { readonly trace: Trace }) {
  const url = traceUrl(trace.traceId);
  const fits = trace.size <= mostSpans;
  const { data, error } = useQuery({
    queryKey: ['json', trace.traceId, trace.size],
    queryFn: () => loadJson(trace.traceId),
    enabled: fits,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  return (
    <div className="tab-page">
      <div className="tools">
        <a className="btn" href={url} download={`${trace.traceId}.json`}>
          Download OTLP JSON
        </a>
        <a href={url} target="_blank" rel="noreferrer">
          Open as answered by the server
        </a>
        <span className="grow" />
        {data && <CopyButton text={data} what="all of it" label="copy all" />}
      </div>
      {!fits && <p className="page-pad muted">{formatCount(trace.size)} spans are too many to show as text here.</p>}
      {error && <p className="page-pad error-text">Cannot show the JSON: {error.message}</p>}
      {data && <Lines text={data} />}
    </div>
  );
}

function Lines({ text }: { readonly text: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => text.split('\n'), [text]);
  const list = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 20,
  });
  return (
    <section className="tab-scroll" ref={scroller} tabIndex={0} aria-label="JSON of the trace" data-testid="json-tab">
      <div className="mono json" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ index, start }) => (
          <div key={index} style={{ transform: `translateY(${start}px)` }}>
            {lines[index].slice(0, longestLine)}
          </div>
        ))}
      </div>
    </section>
  );
}
