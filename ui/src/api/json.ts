// SPDX-License-Identifier: Apache-2.0
// Lenient reading of answers: a field of the wrong type is as good as absent, a page never fails for one.

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asString(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Counts come as numbers or, being 64 bits wide, as strings. */
export function asCount(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

/** Says once per kind what was left out: a hint for whoever runs the server, no noise for who reads the page. */
export function warnDropped(what: string, dropped: number): void {
  if (dropped > 0) console.warn(`${what}: left out ${dropped} unreadable entries`);
}
