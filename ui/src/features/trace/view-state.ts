// SPDX-License-Identifier: Apache-2.0
// What a link to a trace says about its view. Spans are named by id, so the link survives spans that arrive later.
import { clampWindow, isWhole, type TimeWindow } from '../../model/time-window';
import type { Trace } from '../../model/trace';
import { groupOfRow, groupRow, isGroup, type RowOptions, spanOfRow } from '../../model/visible-rows';

export const tabs = ['timeline', 'table', 'events', 'json'] as const;
export type Tab = (typeof tabs)[number];

export interface TraceView extends RowOptions {
  readonly tab: Tab;
  readonly window: TimeWindow;
  /** The row whose details are open, or null. */
  readonly selected: number | null;
  readonly critical: boolean;
  readonly find: string;
}

/** More ids than this make an address servers refuse; the oldest go first. */
const mostIds = 200;
const groupMark = 'g.';

const indexes = new WeakMap<Trace, Map<string, number>>();

export function indexOfSpan(trace: Trace, id: string): number | undefined {
  let index = indexes.get(trace);
  if (!index) {
    index = new Map();
    for (let span = trace.size; span-- > 0; ) index.set(trace.spanIds[span], span);
    indexes.set(trace, index);
  }
  return index.get(id);
}

function spansOf(trace: Trace, text: string | null): number[] {
  const ids = (text ?? '').split(',').slice(0, mostIds);
  return ids.map((id) => indexOfSpan(trace, id)).filter((span) => span !== undefined);
}

const sets = new WeakMap<Trace, Map<string, ReadonlySet<number>>>();
const mostSets = 8;

/** The same text gives the same set, so what hangs on it (the list of rows) is not made anew at every change of the address. */
function setOf(
  trace: Trace,
  name: string,
  text: string | null,
  read: (spans: number[]) => number[],
): ReadonlySet<number> {
  const known = sets.get(trace) ?? new Map<string, ReadonlySet<number>>();
  sets.set(trace, known);
  const key = `${name} ${text ?? ''}`;
  const made = known.get(key) ?? new Set(read(spansOf(trace, text)));
  known.delete(key);
  known.set(key, made);
  if (known.size > mostSets) known.delete(known.keys().next().value as string);
  return made;
}

export function rowKey(trace: Trace, row: number): string {
  return (isGroup(row) ? groupMark : '') + trace.spanIds[spanOfRow(trace, row)];
}

function rowOfKey(trace: Trace, key: string | null, grouped: boolean): number | null {
  if (!key) return null;
  const wantsGroup = key.startsWith(groupMark);
  const span = indexOfSpan(trace, wantsGroup ? key.slice(groupMark.length) : key);
  if (span === undefined) return null;
  const group = trace.groups.groupOf[span];
  return wantsGroup && grouped && group >= 0 ? groupRow(group) : span;
}

export function readView(trace: Trace, query: string): TraceView {
  const params = new URLSearchParams(query);
  const tab = tabs.find((name) => name === params.get('view')) ?? 'timeline';
  const grouped = params.get('group') !== '0';
  const groupsOf = (spans: number[]) => spans.map((span) => trace.groups.groupOf[span]).filter((group) => group >= 0);
  return {
    tab,
    grouped,
    critical: params.get('cp') !== '0',
    find: params.get('uiFind') ?? '',
    folded: setOf(trace, 'folded', params.get('folded'), (spans) => spans),
    opened: setOf(trace, 'opened', params.get('opened'), groupsOf),
    selected: rowOfKey(trace, params.get('sel'), grouped),
    window: readWindow(trace, params.get('range')),
  };
}

function readWindow(trace: Trace, text: string | null): TimeWindow {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '');
  const whole = clampWindow({ from: 0, to: trace.totalDuration }, trace.totalDuration);
  return match ? clampWindow({ from: Number(match[1]), to: Number(match[2]) }, trace.totalDuration) : whole;
}

/** The parameters of a change; what is as by default leaves the address. */
export function writeView(trace: Trace, changes: Partial<TraceView>): Record<string, string | null> {
  const params: Record<string, string | null> = {};
  const { tab, window, selected, critical, grouped, find, folded, opened } = changes;
  if (tab !== undefined) params.view = tab === 'timeline' ? null : tab;
  if (window !== undefined) {
    params.range = isWhole(window, trace.totalDuration) ? null : `${Math.floor(window.from)}-${Math.ceil(window.to)}`;
  }
  if (selected !== undefined) params.sel = selected === null ? null : rowKey(trace, selected);
  if (critical !== undefined) params.cp = critical ? null : '0';
  if (grouped !== undefined) params.group = grouped ? null : '0';
  if (find !== undefined) params.uiFind = find || null;
  if (folded !== undefined) params.folded = idsOf([...folded].map((span) => trace.spanIds[span]));
  if (opened !== undefined) params.opened = idsOf([...opened].map((group) => trace.spanIds[spanOfRow(trace, ~group)]));
  return params;
}

function idsOf(ids: readonly string[]): string | null {
  return ids.slice(-mostIds).join(',') || null;
}

export function toggled(set: ReadonlySet<number>, item: number): Set<number> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

export function toggleRow(view: TraceView, row: number): Partial<TraceView> {
  if (isGroup(row)) return { opened: toggled(view.opened, groupOfRow(row)) };
  return { folded: toggled(view.folded, row) };
}

export function isRowOpen(view: RowOptions, row: number): boolean {
  return isGroup(row) ? view.opened.has(groupOfRow(row)) : !view.folded.has(row);
}
