// SPDX-License-Identifier: Apache-2.0
import { memo } from 'react';
import { KindIcon } from '../../components/Icon';
import { formatCount, formatDuration, plural } from '../../lib/format';
import { endOf, Flag, hasFlag, nameOf, painterOf, serviceOf, type Trace, textOf } from '../../model/trace';
import { isGroup, membersOfRow, spanOfRow } from '../../model/visible-rows';
import { serviceCssColor } from '../../state/service-colors';
import { rowKey } from './view-state';

interface TreeRowProps {
  readonly trace: Trace;
  readonly row: number;
  readonly depth: number;
  readonly index: number;
  /** undefined for a row without anything below it. */
  readonly open: boolean | undefined;
  readonly selected: boolean;
  readonly marked: boolean;
  readonly dim: boolean;
}

const indent = 15;
/** Deeper levels stay at this indent: the name must remain readable. */
const deepestIndent = 16;
const longestText = 240;

function rowClass({ selected, marked, dim }: TreeRowProps): string {
  return `row${selected ? ' selected' : ''}${marked ? ' marked' : ''}${dim ? ' dim' : ''}`;
}

/** What the bar shows, in words. */
function timing(trace: Trace, row: number): string {
  const members = membersOfRow(trace, row);
  const first = members[0];
  if (!isGroup(row)) {
    const self = formatDuration(trace.selfTime[first]);
    return `starts at ${formatDuration(trace.start[first])}, lasts ${formatDuration(trace.duration[first])}, self time ${self}`;
  }
  const end = members.reduce((latest, span) => Math.max(latest, endOf(trace, span)), 0);
  const total = members.reduce((sum, span) => sum + trace.duration[span], 0);
  return `${formatCount(members.length)} calls from ${formatDuration(trace.start[first])} to ${formatDuration(end)}, together ${formatDuration(total)}`;
}

export const TreeRow = memo(function TreeRow(props: TreeRowProps) {
  const { trace, row, depth, index, open, selected } = props;
  const span = spanOfRow(trace, row);
  const members = membersOfRow(trace, row);
  const database = hasFlag(trace, span, Flag.database);
  const text = database ? textOf(trace, span).slice(0, longestText) : '';
  const service = serviceOf(trace, span);
  const errors = members.filter((member) => hasFlag(trace, member, Flag.error)).length;
  const hiddenErrors = open === false && !isGroup(row) ? trace.errorsBelow[span] : 0;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the treegrid has the focus and names its active row
    <div
      id={`row-${rowKey(trace, row)}`}
      className={rowClass(props)}
      role="row"
      aria-level={depth + 1}
      aria-expanded={open}
      aria-selected={selected}
      aria-rowindex={index + 2}
      data-testid="span-row"
      data-span-id={trace.spanIds[span]}
      data-group={isGroup(row) ? members.length : undefined}
      data-index={index}
    >
      {/* biome-ignore lint/a11y/useFocusableInteractive: see the row */}
      <div className="tree" role="gridcell" style={{ paddingLeft: 8 + Math.min(depth, deepestIndent) * indent }}>
        <span className="caret" aria-hidden="true">
          {open === undefined ? '' : open ? '▾' : '▸'}
        </span>
        <span className="stripe" style={{ background: serviceCssColor(painterOf(trace, span)) }} aria-hidden="true" />
        <KindIcon kind={trace.kind[span]} database={database} />
        <span className={`name${errors > 0 ? ' error-text' : ''}`}>{nameOf(trace, span) || '(no name)'}</span>
        {isGroup(row) && (
          <span className="tag warn">
            <b>× {formatCount(members.length)}</b>
          </span>
        )}
        {errors > 0 && <span className="tag error">{members.length > 1 ? plural(errors, 'error') : 'error'}</span>}
        {hiddenErrors > 0 && <span className="tag error">{plural(hiddenErrors, 'error')} inside</span>}
        {hasFlag(trace, span, Flag.orphan) && <span className="tag warn">no parent</span>}
        <span className={text ? 'mono about' : 'about'}>{text || service}</span>
      </div>
      {/* biome-ignore lint/a11y/useFocusableInteractive: see the row */}
      <div className="lane" role="gridcell">
        <span className="hidden">{timing(trace, row)}</span>
      </div>
    </div>
  );
});
