// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { matchesAttribute, matchesText, parseFind } from './find-spans';
import { assignSeat, colorOfSeat, seatCount } from './service-colors';
import { joinShortClauses } from './sql-layout';
import { isTransactionControl, shapeOfQuery, sqlDialectOf, tokenizeSql } from './sql-text';
import {
  formatDay,
  formatTime,
  fromLocalInput,
  parseUnixNanos,
  relativeReader,
  toLocalInput,
  type UnixNanos,
} from './time';

describe('SQL', () => {
  test('tokens give the text back and know their kinds', () => {
    const sql = `SELECT "a b", 'it''s' -- why\nFROM t WHERE id = $1 AND n > 1.5 AND x::int = ? /* open`;
    const tokens = tokenizeSql(sql);
    expect(tokens.map(({ text }) => text).join('')).toBe(sql);
    const of = (kind: string) => tokens.filter((token) => token.kind === kind).map(({ text }) => text);
    expect(of('keyword')).toEqual(['SELECT', 'FROM', 'WHERE', 'AND', 'AND']);
    expect(of('string')).toEqual(["'it''s'"]);
    expect(of('parameter')).toEqual(['$1', '?']);
    expect(of('number')).toEqual(['1.5']);
    expect(of('comment')).toEqual(['-- why', '/* open']);
  });
  test.each([
    ['SELECT * FROM t WHERE id = 1', "select * from t where id = 'x'", false],
    ['SELECT * FROM t WHERE id = 1', 'SELECT *\n FROM t  WHERE id = 25', true],
    ["a = 'it''s' -- note", "a = 'other'", true],
    ['id IN (1, 2, 3)', 'id IN (?)', true],
    ['VALUES (1, 2), (3, 4)', 'VALUES (?, ?)', true],
    ['table_1', 'table_2', false],
    ['id = $1', 'id = ?', true],
  ])('%s and %s are the same query: %s', (a, b, same) => {
    expect(shapeOfQuery(a) === shapeOfQuery(b)).toBe(same);
  });
  test('transaction control is told from queries', () => {
    expect(['BEGIN', 'commit', 'START TRANSACTION', 'SAVEPOINT s1'].every(isTransactionControl)).toBe(true);
    expect(['SELECT 1', 'beginning', ''].some(isTransactionControl)).toBe(false);
  });
  test('dialects by the names of systems', () => {
    expect(
      ['postgresql', 'mysql', 'mariadb', 'sqlite', 'microsoft.sql_server', 'oracle.db', ''].map(sqlDialectOf),
    ).toEqual(['postgresql', 'mysql', 'mariadb', 'sqlite', 'transactsql', 'sql', 'sql']);
    expect(['redis', 'mongodb', 'cassandra'].map(sqlDialectOf)).toEqual([null, null, null]);
  });
  test('short clauses share a line, long and nested ones keep theirs', () => {
    expect(joinShortClauses('SELECT\n  id,\n  name\nFROM\n  t\nWHERE\n  id = ?')).toBe(
      'SELECT id, name\nFROM   t\nWHERE  id = ?',
    );
    const nested = 'SELECT\n  id\nFROM\n  (\n    SELECT\n      1\n  ) AS x';
    expect(joinShortClauses(nested)).toBe('SELECT id\nFROM\n  (\n    SELECT\n      1\n  ) AS x');
    const commented = 'SELECT\n  id -- note\n  , name';
    expect(joinShortClauses(commented)).toBe(commented);
  });
});

describe('finding', () => {
  test.each([
    ['slow query', 'a query', true],
    ['"slow query"', 'a query', false],
    ['SLOW', 'so slow', true],
    ['', 'anything', false],
  ])('%s in %s: %s', (input, text, want) => {
    expect(matchesText(parseFind(input), text)).toBe(want);
  });
  test.each([
    ['http.method=get', 'http.method', 'GET', true],
    ['method=get', 'http.method', 'GET', false],
    ['get', 'http.method', 'GET', true],
    ['method', 'http.method', 'GET', true],
  ])('%s in %s: %s is %s', (input, key, value, want) => {
    expect(matchesAttribute(parseFind(input), key, value)).toBe(want);
  });
});

describe('time', () => {
  test('reads decimal text and numbers, and nothing else', () => {
    expect(parseUnixNanos('1763820187412345678')).toBe(1763820187412345678n);
    expect(parseUnixNanos(5)).toBe(5n);
    expect(['', '-1', '1.5', 'now', null, {}, Number.NaN].map(parseUnixNanos)).toEqual(Array(7).fill(null));
  });
  test('relative times are exact to the nanosecond, with and without the short way', () => {
    const relative = relativeReader(1763820187999999999n as UnixNanos);
    expect(relative('1763820188000000001')).toBe(2);
    expect(relative('1763820187000000000')).toBe(-999999999);
    expect(relative('999')).toBe(Number(999n - 1763820187999999999n));
    expect(relative('no time')).toBeNaN();
  });
  test('is written with milliseconds in the wanted zone', () => {
    const ms = Date.UTC(2026, 10, 22, 14, 3, 7, 412);
    expect(formatTime(ms, 'utc')).toBe('14:03:07.412');
    expect(formatDay(ms, 'utc', ms)).toBe('Sun 22 Nov');
    expect(formatDay(ms, 'utc', Date.UTC(2027, 1, 1))).toBe('Sun 22 Nov 2026');
    expect(fromLocalInput(toLocalInput(ms, 'utc'), 'utc')).toBe(ms);
    expect(fromLocalInput(toLocalInput(ms, 'local'), 'local')).toBe(ms);
  });
});

describe('colours of services', () => {
  test('every service of the first 54 has its own, the first ones far apart', () => {
    const taken = new Set<number>();
    for (let at = 0; at < seatCount; at++) {
      const seat = assignSeat(`service-${at}`, taken);
      expect(taken.has(seat)).toBe(false);
      if (at < 6) expect([...taken].some((other) => Math.abs(other - seat) === 1)).toBe(false);
      taken.add(seat);
    }
    expect(new Set([...taken].map((seat) => colorOfSeat(seat, 0.62, 0.13))).size).toBe(seatCount);
    expect(taken.has(assignSeat('one more', taken))).toBe(true);
  });
  test('a name keeps its preference', () => {
    expect(assignSeat('frontend', new Set())).toBe(assignSeat('frontend', new Set()));
  });
});
