// SPDX-License-Identifier: Apache-2.0
// Trace and span ids are lower-case hex here. Links of other programs also spell them in upper case, without leading zeros,
// or in base64 (proto3 JSON of bytes).

function base64ToHex(text: string, bytes: number): string | null {
  const standard = text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '');
  try {
    const raw = atob(standard);
    if (raw.length !== bytes) return null;
    return Array.from(raw, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return null;
  }
}

/** 32 hex digits, or null when the text is no trace id. Short hex ids are padded, as 64-bit ids are. */
export function parseTraceId(text: string): string | null {
  const trimmed = text.trim().replace(/^0x/i, '');
  if (/^[0-9a-f]{1,32}$/i.test(trimmed)) return trimmed.toLowerCase().padStart(32, '0');
  if (/^[\w+/-]{22}(?:==)?$/.test(trimmed)) return base64ToHex(trimmed, 16);
  if (/^[\w+/-]{11}=?$/.test(trimmed)) return base64ToHex(trimmed, 8)?.padStart(32, '0') ?? null;
  return null;
}

/** Stricter, for text that may be anything (the jump box): long enough not to be a word or a number. */
export function looksLikeTraceId(text: string): boolean {
  return /^(?:0x)?[0-9a-f]{16,32}$/i.test(text.trim());
}
