// SPDX-License-Identifier: Apache-2.0
// A stand-in for the server, ONLY for developing and testing the UI alone: serves dist/ and hand-made traces. It is no part of the
// product, knows no ingest and searches by service only. The product is tested against the real server: see e2e/server.test.mjs.
//
// PORT=16999 PREFIX=/skua BIG=100000 EMPTY=1 node e2e/fixture-server.mjs
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bigTrace, brokenTrace, shopTrace, summaryOf } from './fixtures.mjs';

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist');
const types = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

export const shopId = '7d31f0a9c4b25e8817d31f0a9c4b25e8';
export const brokenId = '0badbadbadbadbadbadbadbadbadbad0';
export const bigId = 'b16b16b16b16b16b16b16b16b16b16b1';

function makeTraces(bigSize) {
  const now = Date.now();
  const traces = new Map([
    [shopId, shopTrace(shopId, now - 600_000)],
    [brokenId, brokenTrace(brokenId, now - 700_000)],
  ]);
  for (let at = 0; at < 40; at++) {
    const id = (at + 16).toString(16).repeat(16);
    traces.set(id, shopTrace(id, now - 900_000 - at * 7_345));
  }
  if (bigSize > 0) traces.set(bigId, bigTrace(bigId, now - 800_000, bigSize));
  return traces;
}

/** @returns {{ server, state }}; state changes the answers while it runs */
export function startFixtureServer({ port = 0, prefix = '', bigSize = 0, empty = false } = {}) {
  const traces = makeTraces(bigSize);
  const bodies = new Map();
  const summaries = [...traces].map(([id, groups]) => summaryOf(id, groups));
  const state = {
    empty,
    fail: null,
    requests: [],
    /** Puts spans into a trace, as late ones arrive. */
    add(id, resourceSpans) {
      traces.set(id, [...(traces.get(id) ?? []), ...resourceSpans]);
      bodies.delete(id);
    },
  };

  const json = (response, status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const fail = (response, code, message) => json(response, code, { error: { httpCode: code, message } });

  function api(path, params, response) {
    if (state.fail && path.includes(state.fail.path)) return fail(response, state.fail.code, state.fail.message);
    const all = state.empty ? [] : summaries;
    const services = [...new Set(all.flatMap((summary) => summary.services.map(({ name }) => name)))];
    if (path === '/api/v3/services') return json(response, 200, services.length ? { services } : {});
    if (path === '/api/v3/operations') {
      return json(response, 200, {
        operations: [
          { name: 'GET /orders/{id}', spanKind: 'server' },
          { name: 'render', spanKind: 'internal' },
        ],
      });
    }
    if (path === '/api/v3/trace-summaries') {
      const service = params.get('query.serviceName');
      const [from, to] = ['query.startTimeMin', 'query.startTimeMax'].map(
        (name) => BigInt(Date.parse(params.get(name))) * 1_000_000n,
      );
      const found = all
        .filter((summary) => !service || summary.services.some(({ name }) => name === service))
        .filter(({ minStartTimeUnixNano: start }) => BigInt(start) >= from && BigInt(start) <= to)
        .sort((a, b) => (a.minStartTimeUnixNano < b.minStartTimeUnixNano ? 1 : -1))
        .slice(0, Number(params.get('query.searchDepth') ?? 100));
      return json(response, 200, found.length ? { summaries: [...found, { traceId: 'unreadable' }] } : {});
    }
    const trace = /^\/api\/v3\/traces\/([0-9a-f]{32})$/.exec(path)?.[1];
    if (trace && !state.empty && traces.has(trace)) {
      if (!bodies.has(trace)) bodies.set(trace, JSON.stringify({ result: { resourceSpans: traces.get(trace) } }));
      return json(response, 200, bodies.get(trace));
    }
    return fail(response, 404, 'No traces found');
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://fixture');
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : url.pathname;
    state.requests.push(`${path}${url.search}`);
    if (path.startsWith('/api/')) return api(path, url.searchParams, response);
    const file = normalize(join(dist, path));
    if (path.startsWith('/static/') && file.startsWith(dist) && existsSync(file)) {
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' });
      return response.end(readFileSync(file));
    }
    if (path.startsWith('/static/')) return fail(response, 404, 'no such file');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    return response.end(readFileSync(join(dist, 'index.html')));
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => {
      resolve({ server, state, url: `http://127.0.0.1:${server.address().port}${prefix}` });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { PORT = '16999', PREFIX = '', BIG = '0', EMPTY } = process.env;
  const started = await startFixtureServer({
    port: Number(PORT),
    prefix: PREFIX,
    bigSize: Number(BIG),
    empty: EMPTY === '1',
  });
  console.log(`${started.url}/search`);
}
