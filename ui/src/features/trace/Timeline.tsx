// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState } from 'react';
import { windowAround } from '../../model/time-window';
import { endOf, type Trace } from '../../model/trace';
import {
  isExpandable,
  isGroup,
  membersOfRow,
  revealSpan,
  rowOfSpan,
  spanOfRow,
  visibleRows,
} from '../../model/visible-rows';
import { currentPlace } from '../../state/router';
import { Minimap } from './Minimap';
import { Toolbar } from './Toolbar';
import { useFind } from './useFind';
import { type TimelineActions, useTimelineKeys } from './useTimelineKeys';
import { indexOfSpan, isRowOpen, type TraceView, toggleRow } from './view-state';
import { type Reveal, Waterfall } from './Waterfall';

interface TimelineProps {
  readonly trace: Trace;
  readonly view: TraceView;
  readonly change: (changes: Partial<TraceView>) => void;
}

export function Timeline({ trace, view, change }: TimelineProps) {
  const { grouped, folded, opened } = view;
  const rows = useMemo(() => visibleRows(trace, { grouped, folded, opened }), [trace, grouped, folded, opened]);
  const positions = useMemo(() => positionsOf(trace), [trace]);
  const matches = useFind(trace, view.find, positions);
  const [marked, setMarked] = useState<number | null>(null);
  const [reveal, setReveal] = useState<Reveal | null>(() => (view.selected === null ? null : { row: view.selected }));
  const [matchAt, setMatchAt] = useState(-1);
  const findField = useRef<HTMLInputElement>(null);
  const cursor = view.selected ?? marked;

  const goTo = (row: number, changes: Partial<TraceView> = {}, open = view.selected !== null) => {
    setMarked(row);
    setReveal({ row });
    if (open || Object.keys(changes).length > 0) change(open ? { ...changes, selected: row } : changes);
  };
  const goToSpan = (span: number, open = view.selected !== null) => {
    const { folded: nextFolded, opened: nextOpened } = revealSpan(trace, span, view);
    goTo(span, { folded: nextFolded, opened: nextOpened }, open);
  };
  const goToMatch = (step: number) => {
    if (!matches || matches.spans.length === 0) return;
    const next = (Math.max(matchAt, step < 0 ? 0 : -1) + step + matches.spans.length) % matches.spans.length;
    setMatchAt(next);
    goToSpan(matches.spans[next]);
  };

  // The first answer to a search shows its first match; a link that names one span by its id opens it.
  const shownFind = useRef<string | null>(null);
  useEffect(() => {
    if (!matches || shownFind.current === view.find) return;
    shownFind.current = view.find;
    setMatchAt(-1);
    const named = indexOfSpan(trace, view.find.trim().toLowerCase());
    if (named !== undefined && !new URLSearchParams(currentPlace().query).has('sel')) goToSpan(named, true);
    else if (matches.spans.length > 0 && view.selected === null) {
      setMatchAt(0);
      goToSpan(matches.spans[0], false);
    }
  });

  const rowAt = (step: number): number => {
    const at = cursor === null ? -1 : rows.ids.indexOf(cursor);
    return rows.ids[Math.min(rows.ids.length - 1, Math.max(0, at + step))];
  };
  const actions: TimelineActions = {
    move: (step) => goTo(rowAt(step)),
    edge: (end) => goTo(rows.ids[end ? rows.ids.length - 1 : 0]),
    fold: () => {
      if (cursor === null) return;
      if (isExpandable(trace, cursor) && isRowOpen(view, cursor)) change(toggleRow(view, cursor));
      else {
        const group = isGroup(cursor) ? -1 : trace.groups.groupOf[cursor];
        const parent = trace.parent[spanOfRow(trace, cursor)];
        if (grouped && group >= 0) goTo(~group);
        else if (parent >= 0) goTo(rows.ids[rowOfSpan(trace, rows, parent)]);
      }
    },
    unfold: () => {
      if (cursor === null || !isExpandable(trace, cursor)) return;
      if (!isRowOpen(view, cursor)) change(toggleRow(view, cursor));
      else goTo(rowAt(1));
    },
    open: () => cursor !== null && goTo(cursor, {}, true),
    close: () => change({ selected: null }),
    critical: () => change({ critical: !view.critical }),
    group: () => change(groupChange(trace, view)),
    find: () => {
      findField.current?.focus();
      findField.current?.select();
    },
    match: goToMatch,
    zoom: () => {
      if (cursor === null) return;
      const members = membersOfRow(trace, cursor);
      const end = members.reduce((latest, span) => Math.max(latest, endOf(trace, span)), 0);
      change({ window: windowAround(trace.start[members[0]], end, trace.totalDuration) });
    },
    whole: () => change({ window: { from: 0, to: trace.totalDuration } }),
  };
  useTimelineKeys(actions);

  const bare = new URLSearchParams(currentPlace().query).get('uiTimelineHideMinimap') === '1';
  return (
    <>
      {!bare && <Minimap trace={trace} window={view.window} setWindow={(window) => change({ window })} />}
      <Toolbar
        key={trace.traceId}
        trace={trace}
        view={view}
        change={change}
        actions={actions}
        findField={findField}
        matches={matches}
        matchAt={matchAt}
      />
      <Waterfall
        trace={trace}
        rows={rows}
        view={view}
        cursor={cursor}
        matches={matches}
        positions={positions}
        reveal={reveal}
        onSelect={(row) => goTo(row, {}, true)}
        onToggle={(row) => {
          setMarked(row);
          change(toggleRow(view, row));
        }}
        setWindow={(window) => change({ window })}
      />
    </>
  );
}

function positionsOf(trace: Trace): Uint32Array {
  const positions = new Uint32Array(trace.size);
  for (let at = 0; at < trace.size; at++) positions[trace.preorder[at]] = at;
  return positions;
}

/** A selected group has no row of its own when grouping goes; its first call has. */
export function groupChange(trace: Trace, view: TraceView): Partial<TraceView> {
  const grouped = !view.grouped;
  if (view.selected === null || !isGroup(view.selected)) return { grouped };
  return { grouped, selected: spanOfRow(trace, view.selected) };
}
