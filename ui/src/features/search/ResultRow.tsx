// SPDX-License-Identifier: Apache-2.0
import { Link, wantsBrowser } from '../../components/Link';
import { formatCount, formatDuration, formatShare, plural } from '../../lib/format';
import { formatDay, formatTime, type TimeZone, toMillis } from '../../model/time';
import type { TraceItem } from '../../model/trace-list';
import { navigate } from '../../state/router';
import { serviceCssColor } from '../../state/service-colors';

interface ResultRowProps {
  readonly item: TraceItem;
  readonly index: number;
  /** ns; the full length of a duration bar. */
  readonly longest: number;
  readonly zone: TimeZone;
}

const barWidth = 110;

export function ResultRow({ item, index, longest, zone }: ResultRowProps) {
  const path = `/trace/${item.traceId}`;
  const startMs = toMillis(item.startTime);
  const now = Date.now();
  const today = formatDay(startMs, zone, now) === formatDay(now, zone, now);
  return (
    <tr
      data-testid="result-row"
      data-trace-id={item.traceId}
      aria-rowindex={index + 2}
      onClick={(event) => {
        if (!wantsBrowser(event) && !window.getSelection()?.toString()) navigate(path);
      }}
    >
      <td className="trace-cell">
        <Link path={path} title={item.traceId}>
          <span className="muted">{item.rootService || 'unknown service'}</span>{' '}
          <b>{item.rootOperation || item.traceId.slice(0, 16)}</b>
        </Link>
        {item.orphanSpanCount > 0 && (
          <span className="tag warn" title={`${plural(item.orphanSpanCount, 'span')} without their parents`}>
            incomplete
          </span>
        )}
      </td>
      <td>
        <div className="duration">
          <span>{formatDuration(item.duration)}</span>
          <i style={{ width: Math.max(3, (item.duration / longest) * barWidth) }} />
        </div>
      </td>
      <td className="right">{item.spanCount === null ? '–' : formatCount(item.spanCount)}</td>
      <td>
        <ServiceStack item={item} />
      </td>
      <td>
        {item.errorSpanCount ? (
          <span className="tag error">
            <b>{formatCount(item.errorSpanCount)}</b> {item.errorSpanCount === 1 ? 'error' : 'errors'}
          </span>
        ) : (
          <span className="faint">–</span>
        )}
      </td>
      <td className="right muted" title={new Date(startMs).toISOString()}>
        {!today && <span className="faint">{formatDay(startMs, zone, now)} </span>}
        {formatTime(startMs, zone)}
      </td>
    </tr>
  );
}

/** One stacked line; the widths are numbers of spans, and the tip says so. */
function ServiceStack({ item }: { readonly item: TraceItem }) {
  const total = item.services.reduce((sum, { spanCount }) => sum + spanCount, 0);
  if (total === 0) return <span className="faint">–</span>;
  const words = item.services.map(
    ({ name, spanCount }) => `${name} ${formatCount(spanCount)} (${formatShare(spanCount / total)})`,
  );
  const text = `Spans by service: ${words.join(', ')}`;
  return (
    <div className="stack" title={text.replace(/, /g, '\n').replace(': ', ':\n')} role="img" aria-label={text}>
      {item.services.map(({ name, spanCount }) => (
        <i key={name} style={{ background: serviceCssColor(name), flexGrow: spanCount }} />
      ))}
    </div>
  );
}
