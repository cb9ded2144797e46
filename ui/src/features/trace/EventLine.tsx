// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from '../../lib/format';
import type { SpanEvent, Trace } from '../../model/trace';
import { AttributeRow } from './AttributeTable';

interface EventLineProps {
  readonly trace: Trace;
  readonly span: number;
  readonly events: readonly SpanEvent[];
}

const mostShown = 200;

/** The events of a span on a line of its own length, and below it one by one. */
export function EventLine({ trace, span, events }: EventLineProps) {
  const start = trace.start[span];
  const length = Math.max(1, trace.duration[span]);
  const shown = events.slice(0, mostShown);
  const share = (time: number) => Math.min(1, Math.max(0, (time - start) / length));
  return (
    <section data-testid="events">
      <h3>Events · {events.length}</h3>
      <div className="event-line" aria-hidden="true">
        {shown.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no ids and never move
          <i key={index} style={{ left: `${share(event.time) * 100}%` }} title={event.name} />
        ))}
      </div>
      {shown.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no ids and never move
        <details key={index} className="event" open={events.length <= 3}>
          <summary>
            <b>{event.name || '(no name)'}</b>{' '}
            <span className="muted">
              {Number.isNaN(event.time) ? 'without time' : `+${formatDuration(event.time - start)}`}
            </span>
          </summary>
          <dl className="attributes">
            {event.attributes.map((attribute) =>
              attribute.key === 'exception.stacktrace' ? (
                <div key={attribute.key} className="open">
                  <dt>{attribute.key}</dt>
                  <dd>
                    <pre className="mono well" tabIndex={0}>
                      {attribute.value}
                    </pre>
                  </dd>
                </div>
              ) : (
                <AttributeRow key={attribute.key} attribute={attribute} service={null} />
              ),
            )}
          </dl>
        </details>
      ))}
      {events.length > mostShown && <p className="faint">{events.length - mostShown} more; the tab Events lists all</p>}
    </section>
  );
}
