// SPDX-License-Identifier: Apache-2.0
// Words of a search are ORed, as in Jaeger's links: one word matches service, name, query, span id, an attribute's key or value;
// `key=value` matches that pair. Quotes keep blanks together.

export interface FindTerm {
  readonly text: string;
  /** Only for key=value. */
  readonly pair: { readonly key: string; readonly value: string } | null;
}

const mostTerms = 32;

export function parseFind(input: string): readonly FindTerm[] {
  const terms: FindTerm[] = [];
  for (const [word] of input.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    const text = word.replace(/"/g, '').trim().toLowerCase();
    if (text === '') continue;
    const equals = text.indexOf('=');
    const pair = equals > 0 ? { key: text.slice(0, equals), value: text.slice(equals + 1) } : null;
    terms.push({ text, pair });
    if (terms.length === mostTerms) break;
  }
  return terms;
}

export function matchesText(terms: readonly FindTerm[], text: string): boolean {
  const lower = text.toLowerCase();
  return terms.some((term) => lower.includes(term.text));
}

export function matchesAttribute(terms: readonly FindTerm[], key: string, value: string): boolean {
  const lowerKey = key.toLowerCase();
  const lowerValue = value.toLowerCase();
  return terms.some(({ text, pair }) =>
    pair
      ? lowerKey === pair.key && lowerValue.includes(pair.value)
      : lowerKey.includes(text) || lowerValue.includes(text),
  );
}
