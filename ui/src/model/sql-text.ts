// SPDX-License-Identifier: Apache-2.0
// Reading SQL without knowing its dialect: enough to colour it and to tell whether two texts are the same query.

export type SqlTokenKind = 'keyword' | 'string' | 'number' | 'parameter' | 'comment' | 'name' | 'space' | 'other';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
}

// Order matters: the first alternative that fits wins. Nothing here backtracks over more than one token.
const token =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'(?:[^'\\]|''|\\.)*(?:'|$))|(?<quoted>"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$))|(?<parameter>\?|\$\d+|[:@][A-Za-z_]\w*|%s|%\(\w+\)s)|(?<number>\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>[A-Za-z_]\w*)|(?<space>\s+)|(?<cast>::)|(?<other>[\s\S])/giy;

const keywords = new Set(
  `add all alter analyze and any as asc begin between by cascade case check coalesce collate column commit conflict constraint create cross
  current current_date current_timestamp database default delete desc distinct do drop else end escape except exists explain fetch filter
  first following for foreign from full group having if ignore ilike in index inner insert intersect into is join key lateral left like limit
  lock materialized natural next not nothing null nulls of offset on only or order outer over partition preceding primary recursive
  references release rename replace returning right rollback row rows savepoint select set share skip start table temporary then to
  transaction trigger truncate union unique update upsert using vacuum values view when where window with work`.split(
    /\s+/,
  ),
);

export function tokenizeSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(sql); match?.groups; match = token.exec(sql)) {
    const { comment, string, parameter, number, word, space, quoted } = match.groups;
    const [text] = match;
    if (comment !== undefined) tokens.push({ kind: 'comment', text });
    else if (string !== undefined) tokens.push({ kind: 'string', text });
    else if (parameter !== undefined) tokens.push({ kind: 'parameter', text });
    else if (number !== undefined) tokens.push({ kind: 'number', text });
    else if (word !== undefined) tokens.push({ kind: keywords.has(word.toLowerCase()) ? 'keyword' : 'name', text });
    else if (quoted !== undefined) tokens.push({ kind: 'name', text });
    else tokens.push({ kind: space !== undefined ? 'space' : 'other', text });
  }
  return tokens;
}

const longestShape = 4096;

/** The text without what changes from call to call: literals, comments, spacing, lengths of IN lists. */
export function shapeOfQuery(text: string): string {
  return text
    .slice(0, longestShape)
    .replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/\$\d+|%s|\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replace(/(\(\?\))(?:\s*,\s*\(\?\))+/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

export function isTransactionControl(text: string): boolean {
  return /^\s*(?:begin|commit|rollback|savepoint|release|start\s+transaction|end)\b/i.test(text) && text.length < 200;
}

/** Systems whose statements are SQL, by the names of OpenTelemetry; others are shown as they are. */
export function sqlDialectOf(
  system: string,
): 'postgresql' | 'mysql' | 'mariadb' | 'sqlite' | 'transactsql' | 'sql' | null {
  const name = system.toLowerCase();
  if (/postgres|redshift|cockroach|edb/.test(name)) return 'postgresql';
  if (name.includes('mariadb')) return 'mariadb';
  if (name.includes('mysql')) return 'mysql';
  if (name.includes('sqlite')) return 'sqlite';
  if (/mssql|sql_?server/.test(name)) return 'transactsql';
  if (
    /^(?:other_sql|oracle|oracle\.db|db2|ibm\.db2|clickhouse|h2|hsqldb|derby|trino|snowflake|bigquery|spanner|gcp\.spanner|)$/.test(
      name,
    )
  ) {
    return 'sql';
  }
  return null;
}
