// SPDX-License-Identifier: Apache-2.0
// The URL is the state of a page. Reading is synchronous and immediate; writing to the history is delayed a little when an entry is
// only replaced, because browsers drop writes that come faster than about twenty a second (held keys, dragging).
import { useSyncExternalStore } from 'react';
import { createStore } from '../lib/store';

export interface Place {
  /** Path below the prefix, beginning with "/". */
  readonly path: string;
  /** Query without "?". */
  readonly query: string;
  /** Names one entry of the history: what a page remembers about a visit (scroll position) hangs on it. */
  readonly key: string;
}

const prefix = new URL(document.baseURI).pathname;
const embedParams = ['uiEmbed', 'uiTheme', 'uiTimelineHideMinimap', 'uiTimelineHideSummary', 'uiTimelineCollapseTitle'];
const replaceDelayMs = 150;

function readPlace(): Place {
  const below = location.pathname.startsWith(prefix)
    ? location.pathname.slice(prefix.length)
    : location.pathname.slice(1);
  const key = typeof history.state?.key === 'string' ? history.state.key : 'first';
  return { path: `/${below}`, query: location.search.slice(1), key };
}

const place = createStore<Place>(readPlace());
let pendingReplace: ReturnType<typeof setTimeout> | undefined;

window.addEventListener('popstate', () => {
  clearTimeout(pendingReplace);
  pendingReplace = undefined;
  place.set(readPlace());
});

/** The address a link carries; the parameters that make the page embeddable go along. */
export function hrefOf(path: string, query = ''): string {
  const params = new URLSearchParams(query);
  const now = new URLSearchParams(place.get().query);
  for (const name of embedParams) {
    const value = now.get(name);
    if (value !== null && !params.has(name)) params.set(name, value);
  }
  const text = params.toString();
  return prefix + path.replace(/^\//, '') + (text ? `?${text}` : '');
}

function flushReplace(): void {
  clearTimeout(pendingReplace);
  pendingReplace = undefined;
  const { path, query, key } = place.get();
  history.replaceState({ key }, '', prefix + path.slice(1) + (query ? `?${query}` : ''));
}

export function navigate(path: string, query = '', how: 'push' | 'replace' = 'push'): void {
  if (pendingReplace !== undefined) flushReplace();
  const key = how === 'replace' ? place.get().key : crypto.getRandomValues(new Uint32Array(2)).join('-');
  const href = hrefOf(path, query);
  if (how === 'push') history.pushState({ key }, '', href);
  else history.replaceState({ key }, '', href);
  place.set(readPlace());
}

/** Changes parameters of the present page without a new entry; null removes one. Unknown parameters stay. */
export function replaceParams(changes: Readonly<Record<string, string | null>>): void {
  const now = place.get();
  const params = new URLSearchParams(now.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  if (query === now.query) return;
  place.set({ ...now, query });
  clearTimeout(pendingReplace);
  pendingReplace = setTimeout(flushReplace, replaceDelayMs);
}

export function currentPlace(): Place {
  return place.get();
}

export function usePlace(): Place {
  return useSyncExternalStore(place.subscribe, place.get);
}

export function goBack(): void {
  history.back();
}
