// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from '../../lib/format';
import { totalOf } from '../../model/segment-builder';
import { Flag, hasFlag, kindNames, serviceOf, type Trace } from '../../model/trace';
import { isGroup, membersOfRow } from '../../model/visible-rows';

interface FiguresProps {
  readonly trace: Trace;
  readonly row: number;
  /** Database system, '' when there is none. */
  readonly system: string;
}

export function Figures({ trace, row, system }: FiguresProps) {
  const members = membersOfRow(trace, row);
  const span = members[0];
  const parts = [path(trace, span, system)];
  if (isGroup(row)) {
    const durations = Array.from(members, (member) => trace.duration[member]);
    const sum = durations.reduce((total, duration) => total + duration, 0);
    parts.push(`Σ ${formatDuration(sum)}`, `avg ${formatDuration(sum / members.length)}`);
    parts.push(`max ${formatDuration(Math.max(...durations.slice(0, 50_000)))}`);
  } else {
    parts.push(formatDuration(trace.duration[span]), `starts at ${formatDuration(trace.start[span])}`);
    if (trace.selfTime[span] < trace.duration[span]) parts.push(`self ${formatDuration(trace.selfTime[span])}`);
  }
  const critical = members.reduce((total, member) => total + totalOf(trace.critical, member), 0);
  if (critical > 0) parts.push(`${formatDuration(critical)} critical`);
  return (
    <p className="muted figures" data-testid="figures">
      {parts.join(' · ')}
    </p>
  );
}

function path(trace: Trace, span: number, system: string): string {
  const service = serviceOf(trace, span);
  const kind = kindNames[trace.kind[span]];
  if (hasFlag(trace, span, Flag.database) && system !== '') return `${service} → ${system}`;
  return kind === 'unspecified' ? service : `${service} · ${kind}`;
}
