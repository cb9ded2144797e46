// SPDX-License-Identifier: Apache-2.0
// What belongs to the person and not to the link: theme, time zone, sizes of panels. Kept in localStorage; a browser that refuses
// storage loses only the memory.
import { useSyncExternalStore } from 'react';
import { createStore, type Store } from '../lib/store';

export type Theme = 'system' | 'light' | 'dark';
export type Zone = 'utc' | 'local';

export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(`skua.${name}`);
  } catch {
    return null;
  }
}

export function writeStored(name: string, value: string): void {
  try {
    localStorage.setItem(`skua.${name}`, value);
  } catch {
    // Private windows and full storage: the preference lasts as long as the page.
  }
}

function oneOf<T extends string>(name: string, values: readonly T[]): Store<T> {
  const stored = readStored(name);
  return createStore(values.find((value) => value === stored) ?? values[0]);
}

const theme = oneOf<Theme>('theme', ['system', 'light', 'dark']);
const zone = oneOf<Zone>('zone', ['local', 'utc']);
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');
const shownTheme = createStore<'light' | 'dark'>('light');

function applyTheme(): void {
  const forced = new URLSearchParams(location.search).get('uiTheme');
  const wanted = forced === 'light' || forced === 'dark' ? forced : theme.get();
  const shown = wanted === 'system' ? (systemDark.matches ? 'dark' : 'light') : wanted;
  document.documentElement.dataset.theme = shown;
  shownTheme.set(shown);
}
systemDark.addEventListener('change', applyTheme);
theme.subscribe(applyTheme);
applyTheme();

export function setTheme(next: Theme): void {
  writeStored('theme', next);
  theme.set(next);
}

export function setZone(next: Zone): void {
  writeStored('zone', next);
  zone.set(next);
}

export const useTheme = () => useSyncExternalStore(theme.subscribe, theme.get);
/** What is on the screen now, "system" resolved: canvases repaint on it. */
export const useShownTheme = () => useSyncExternalStore(shownTheme.subscribe, shownTheme.get);
export const useZone = () => useSyncExternalStore(zone.subscribe, zone.get);

export function storedNumber(name: string, fallback: number, min: number, max: number): number {
  const value = Number(readStored(name) ?? Number.NaN);
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : fallback;
}
