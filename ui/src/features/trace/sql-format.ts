// SPDX-License-Identifier: Apache-2.0
// A chunk of its own, loaded when the first query is looked at.
import {
  type DialectOptions,
  formatDialect,
  mariadb,
  mysql,
  postgresql,
  sql,
  sqlite,
  transactsql,
} from 'sql-formatter';
import { joinShortClauses } from '../../model/sql-layout';
import type { sqlDialectOf } from '../../model/sql-text';

type DialectName = NonNullable<ReturnType<typeof sqlDialectOf>>;

const dialects: Record<DialectName, DialectOptions> = { mariadb, mysql, postgresql, sql, sqlite, transactsql };

/** Queries with placeholders of any style; text that cannot be parsed comes back as it is. */
export function formatSql(text: string, dialect: DialectName): string {
  try {
    const formatted = formatDialect(text, {
      dialect: dialects[dialect],
      keywordCase: 'preserve',
      paramTypes: { positional: true, numbered: ['$', ':', '?'], named: [':', '@'] },
      tabWidth: 2,
      expressionWidth: 60,
    });
    return joinShortClauses(formatted);
  } catch {
    return text;
  }
}
