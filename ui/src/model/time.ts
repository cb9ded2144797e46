// SPDX-License-Identifier: Apache-2.0
// Unix time in ns (1.8e18) does not fit a number exactly (2^53 = 9.0e15), so absolute times are bigint and everything drawn is a
// number of ns relative to the start of its trace: exact for 104 days. Conversions happen only here.

export type UnixNanos = bigint & { readonly __brand: 'UnixNanos' };
/** Nanoseconds since the start of the trace. */
export type RelativeNanos = number;

export type TimeZone = 'utc' | 'local';

/** Reads a decimal string or number of ns; null for anything else. Numbers above 2^53 have lost digits already: taken as they are. */
export function parseUnixNanos(value: unknown): UnixNanos | null {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value) as UnixNanos;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return BigInt(Math.round(value)) as UnixNanos;
  return null;
}

/**
 * Reads times relative to a base: without a bigint for the 19 digits of this century, because a trace has two times per span.
 * NaN for what is no time.
 */
export function relativeReader(base: UnixNanos): (value: unknown) => RelativeNanos {
  const baseSeconds = Number(base / 1_000_000_000n);
  const baseNanos = Number(base % 1_000_000_000n);
  return (value) => {
    if (typeof value === 'string' && value.length === 19 && /^\d+$/.test(value)) {
      return (Number(value.slice(0, 10)) - baseSeconds) * 1e9 + (Number(value.slice(10)) - baseNanos);
    }
    const time = parseUnixNanos(value);
    return time === null ? Number.NaN : Number(time - base);
  };
}

export function addNanos(base: UnixNanos, relative: RelativeNanos): UnixNanos {
  return (base + BigInt(Math.round(relative))) as UnixNanos;
}

export function toMillis(time: UnixNanos): number {
  return Number(time / 1_000_000n);
}

export function fromMillis(ms: number): UnixNanos {
  return (BigInt(Math.round(ms)) * 1_000_000n) as UnixNanos;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(ms: number, zone: TimeZone, name: string, options: Intl.DateTimeFormatOptions): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return '–';
  const key = `${zone} ${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat('en-GB', { ...options, ...(zone === 'utc' ? { timeZone: 'UTC' } : {}) });
    formats.set(key, made);
  }
  return made.format(ms);
}

/** 14:03:07.412 */
export function formatTime(ms: number, zone: TimeZone): string {
  return format(ms, zone, 'time', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
  });
}

/** Sun 22 Nov; with the year when it is not this one. */
export function formatDay(ms: number, zone: TimeZone, nowMs: number): string {
  const sameYear = new Date(ms).getUTCFullYear() === new Date(nowMs).getUTCFullYear();
  const options: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short' };
  const text = format(ms, zone, sameYear ? 'day' : 'day-year', sameYear ? options : { ...options, year: 'numeric' });
  return text.replace(',', '');
}

/** The name of the zone as people know it: "UTC", or the offset of this browser. */
export function zoneName(zone: TimeZone): string {
  if (zone === 'utc') return 'UTC';
  const part = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
    .formatToParts(new Date())
    .find(({ type }) => type === 'timeZoneName');
  return part?.value ?? 'Local';
}

/** The text of a datetime-local field, which knows no zone. */
export function toLocalInput(ms: number, zone: TimeZone): string {
  const shifted = zone === 'utc' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 23);
}

export function fromLocalInput(text: string, zone: TimeZone): number | null {
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? null : ms;
}
