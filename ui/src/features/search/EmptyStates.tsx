// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import { CopyButton } from '../../components/CopyButton';
import type { SearchParams } from './params';

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
}

/** A line for a shell that sends one span now, with no program at hand but curl. */
function firstSpanLine(host: string): string {
  const traceId = randomHex(16);
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'hello' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId,
                spanId: randomHex(8),
                name: 'first span',
                kind: 1,
                startTimeUnixNano: 'START',
                endTimeUnixNano: 'END',
              },
            ],
          },
        ],
      },
    ],
  };
  // The shell fills in the time, so that the line can be kept and sent again.
  const text = JSON.stringify(body)
    .replace('"START"', `"'$(date +%s)'000000000"`)
    .replace('"END"', `"'$(date +%s)'250000000"`);
  return `curl -X POST http://${host}:4318/v1/traces -H 'Content-Type: application/json' -d '${text}'`;
}

function Line({ text, what, id }: { readonly text: string; readonly what: string; readonly id: string }) {
  return (
    <div className="line-to-copy">
      <code data-testid={id}>{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  );
}

export function NoData() {
  const host = location.hostname.includes(':') ? `[${location.hostname}]` : location.hostname;
  const [line] = useState(() => firstSpanLine(host));
  return (
    <section className="panel notice empty" data-testid="no-data">
      <h2>No traces yet</h2>
      <p>Point any OpenTelemetry program at this server, for example with</p>
      <Line text={`export OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:4317`} what="this line" id="endpoint-line" />
      <p>or send a first span by hand:</p>
      <Line text={line} what="this command" id="curl-line" />
      <p className="muted" role="status">
        This page shows the first trace as soon as it arrives.
      </p>
    </section>
  );
}

interface EmptyResultProps {
  readonly search: SearchParams;
  readonly apply: (changes: Partial<SearchParams>) => void;
}

export function EmptyResult({ search, apply }: EmptyResultProps) {
  const narrowed =
    search.service ||
    search.operation ||
    search.minDuration ||
    search.maxDuration ||
    Object.keys(search.attributes).length > 0;
  return (
    <section className="panel notice empty" data-testid="no-results">
      <h2>No trace matches</h2>
      <p>
        {search.traceIds.length > 0
          ? 'None of the traces of this link is stored here (any more).'
          : `Nothing ${narrowed ? 'meets all conditions' : 'was received'} in this window of time.`}
      </p>
      <p className="actions">
        {search.lookback !== '2d' && (
          <button
            type="button"
            className="btn"
            onClick={() => apply({ lookback: '2d', startMs: null, endMs: null, traceIds: [] })}
          >
            Search the last 2 days
          </button>
        )}
        {narrowed && (
          <button
            type="button"
            className="btn"
            onClick={() =>
              apply({ service: '', operation: '', minDuration: '', maxDuration: '', attributes: {}, traceIds: [] })
            }
          >
            Remove all conditions
          </button>
        )}
      </p>
      {search.lookback !== 'custom' && search.traceIds.length === 0 && (
        <p className="muted" role="status">
          Traces that match appear here as they arrive.
        </p>
      )}
    </section>
  );
}
