// SPDX-License-Identifier: Apache-2.0
// A formatter puts every column on a line of its own; a short clause reads better on one line, with the clauses' contents aligned.

const longestLine = 64;
/** "SELECT": the contents of FROM and WHERE begin below those of SELECT. */
const keywordWidth = 6;

/** @param text clauses at the left edge, their contents indented below, as formatters write them */
export function joinShortClauses(text: string): string {
  // Joining would pull code into a comment that ends with its line.
  if (text.includes('--')) return text;
  const clauses: string[][] = [];
  for (const line of text.split('\n')) {
    if (/^\s/.test(line) && clauses.length > 0) clauses[clauses.length - 1].push(line);
    else clauses.push([line]);
  }
  return clauses.map(joinClause).join('\n');
}

function joinClause([head, ...contents]: readonly string[]): string {
  const isFlat = contents.every((line) => /^ {2}\S/.test(line));
  const joined = `${head.padEnd(keywordWidth)} ${contents.map((line) => line.trim()).join(' ')}`;
  return contents.length > 0 && isFlat && joined.length <= longestLine ? joined : [head, ...contents].join('\n');
}
