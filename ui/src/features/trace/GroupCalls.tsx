// SPDX-License-Identifier: Apache-2.0
import { formatCount, formatDuration } from '../../lib/format';
import { Flag, hasFlag, type Trace } from '../../model/trace';

interface GroupCallsProps {
  readonly trace: Trace;
  readonly members: Uint32Array;
  readonly onOpen: (span: number) => void;
}

const mostListed = 5;

export function GroupCalls({ trace, members, onOpen }: GroupCallsProps) {
  const slowest = Array.from(members)
    .sort((a, b) => trace.duration[b] - trace.duration[a])
    .slice(0, mostListed);
  const rest = members.length - slowest.length;
  return (
    <section>
      <h3>Slowest calls</h3>
      <ul className="calls">
        {slowest.map((span) => (
          <li key={span}>
            <button type="button" className="link-button" onClick={() => onOpen(span)}>
              {formatDuration(trace.duration[span])}
            </button>{' '}
            <span className="muted">at {formatDuration(trace.start[span])}</span>
            {hasFlag(trace, span, Flag.error) && <span className="tag error">error</span>}
          </li>
        ))}
      </ul>
      {rest > 0 && <p className="faint">{formatCount(rest)} more; unfold the row to see every call</p>}
    </section>
  );
}
