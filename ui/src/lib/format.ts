// SPDX-License-Identifier: Apache-2.0
// How numbers are written everywhere: durations with three significant digits and one unit, counts with separators,
// shares with one decimal.

const units: readonly (readonly [limit: number, divisor: number, unit: string])[] = [
  [1e3, 1, 'ns'],
  [1e6, 1e3, 'µs'],
  [1e9, 1e6, 'ms'],
  [60e9, 1e9, 's'],
  [3600e9, 60e9, 'min'],
  [Number.POSITIVE_INFINITY, 3600e9, 'h'],
];

function threeDigits(value: number): string {
  if (value >= 100) return String(Math.round(value));
  const text = value >= 10 ? value.toFixed(1) : value.toFixed(2);
  return text.replace(/\.?0+$/, '');
}

/** @param ns nanoseconds; negative values keep their sign (clocks of different hosts disagree) */
export function formatDuration(ns: number): string {
  if (!Number.isFinite(ns)) return '–';
  if (ns < 0) return `−${formatDuration(-ns)}`;
  if (ns === 0) return '0 ms';
  // 999.6 µs rounds to "1000 µs", so the unit is chosen on the rounded value.
  const [, divisor, unit] = units.find(([limit]) => ns < limit * 0.9995) as (typeof units)[number];
  return `${threeDigits(ns / divisor)} ${unit}`;
}

const counts = new Intl.NumberFormat('en-US');

export function formatCount(value: number): string {
  return counts.format(value);
}

export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${threeDigits(bytes / 1024)} KiB` : `${threeDigits(bytes / 1024 / 1024)} MiB`;
}

/** A place on a time axis: as many digits as tell it from its neighbour one step away. @param step, largest in ns, as is the value */
export function formatTick(ns: number, step: number, largest: number): string {
  const [, divisor, unit] = units.find(([limit]) => largest < limit * 0.9995) as (typeof units)[number];
  const decimals = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(Math.max(step, 1) / divisor))));
  return `${(ns / divisor).toFixed(ns === 0 ? 0 : decimals)} ${unit}`;
}
