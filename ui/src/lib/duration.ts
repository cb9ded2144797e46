// SPDX-License-Identifier: Apache-2.0

const nanosPerUnit: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Reads what people type and Go prints: "1.2s", "100 ms", "1m30s". Returns nanoseconds, or null when it is none. */
export function parseDuration(text: string): number | null {
  const compact = text.replace(/\s+/g, '').toLowerCase();
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/.test(compact)) return null;
  let total = 0;
  for (const [, value, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(value) * nanosPerUnit[unit];
  }
  return Number.isFinite(total) ? total : null;
}

/** The one spelling every server reads: a Go duration with one unit, without blanks and with an ASCII "us". */
export function toGoDuration(text: string): string {
  return text.replace(/\s+/g, '').replace(/[µμ]/g, 'u').toLowerCase();
}

const lookbackUnits: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A search window such as "5m", "2h", "3d", "4w". Returns milliseconds, or null. */
export function parseLookback(text: string): number | null {
  const match = /^(\d{1,6})([smhdw])$/.exec(text.trim());
  return match ? Number(match[1]) * lookbackUnits[match[2]] * 1000 : null;
}
