// SPDX-License-Identifier: Apache-2.0
// The UI as the real server serves it, over what the server stores. SKUA_URL names the server, which must hold traces with
// database calls (the example shop's).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertAccessible, byTest, launch, openPage } from './browser.mjs';

const base = process.env.SKUA_URL?.replace(/\/+$/, '');
if (!base) throw new Error('cannot test the UI: SKUA_URL is not set; want the address of a running server');

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function withPage(path, run) {
  const { page, complaints, close } = await openPage(browser);
  try {
    await page.goto(`${base}${path}`);
    await run(page);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
  }
}

async function json(path) {
  const response = await fetch(`${base}${path}`);
  assert.equal(response.status, 200, `${path} answers ${response.status}`);
  return response.json();
}

async function summaries() {
  const now = Date.now();
  const query = new URLSearchParams({
    'query.startTimeMin': new Date(now - 3_600_000).toISOString(),
    'query.startTimeMax': new Date(now + 60_000).toISOString(),
    'query.searchDepth': '200',
  });
  return (await json(`/api/v3/trace-summaries?${query}`)).summaries ?? [];
}

const textOf = (attribute) => attribute.value.stringValue ?? attribute.value.intValue;

/** The first stored span with a query text. */
async function databaseSpan() {
  for (const { traceId } of await summaries()) {
    const { result } = await json(`/api/v3/traces/${traceId}`);
    for (const { scopeSpans } of result.resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans ?? [])) {
        const text = span.attributes?.find(({ key }) => key === 'db.query.text' || key === 'db.statement');
        if (text) return { traceId, spanId: span.spanId, name: span.name, text: textOf(text) };
      }
    }
  }
  throw new Error('no trace of the last hour has a span with a query; want the example shop’s data');
}

const words = (text) => text.replace(/\s+/g, '');

test('the page is served with the right caching, its settings filled in', async () => {
  const page = await fetch(`${base}/search`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-type'), /^text\/html; ?charset=utf-8/i);
  assert.match(page.headers.get('cache-control'), /no-cache/);
  const html = await page.text();
  assert.doesNotMatch(html, /JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;/);
  const script = /\.\/(static\/index-[\w-]+\.js)/.exec(html)[1];
  const asset = await fetch(`${base}/${script}`);
  assert.equal(asset.status, 200);
  assert.match(asset.headers.get('cache-control'), /immutable/);
  assert.match(asset.headers.get('content-type'), /javascript/);
  assert.equal((await fetch(`${base}/api/no-such-thing`)).status, 404);
});

test('the search lists what is stored, newest first', async () => {
  const stored = await summaries();
  assert.ok(stored.length > 0, 'the server holds no trace of the last hour');
  await withPage('/search?limit=1500', async (page) => {
    await byTest(page, 'result-row').first().waitFor();
    const ids = await byTest(page, 'result-row').evaluateAll((rows) => rows.map((row) => row.dataset.traceId));
    const known = new Set(stored.map(({ traceId }) => traceId));
    assert.ok(
      ids.some((id) => known.has(id)),
      'no listed trace is among the stored ones',
    );
    await assertAccessible(page);
  });
});

test('a service chosen in the form narrows the list', async () => {
  const { services } = await json('/api/v3/services');
  await withPage('/search', async (page) => {
    await byTest(page, 'service').click();
    await page.getByRole('option', { name: services[0], exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('service') === services[0]);
    await byTest(page, 'result-row').first().waitFor();
    await byTest(page, 'operation').click();
    await page.getByRole('option').first().waitFor();
  });
});

test('a trace opens from the list, and its query stands on the page', async () => {
  const { traceId, spanId, text } = await databaseSpan();
  await withPage(`/search?traceID=${traceId}`, async (page) => {
    await page.locator(`[data-trace-id="${traceId}"]`).click();
    await page.waitForURL(`**/trace/${traceId}`);
    await byTest(page, 'span-row').first().waitFor();
    await byTest(page, 'database-strip').waitFor();
    await assertAccessible(page);
  });
  await withPage(`/trace/${traceId}?uiFind=${spanId}`, async (page) => {
    await byTest(page, 'sql-block').waitFor();
    assert.equal(words(await byTest(page, 'sql-block').textContent()), words(text));
    assert.match(await byTest(page, 'attributes').textContent(), /db\./);
    await assertAccessible(page);
  });
});

test('an unknown trace says so', async () => {
  const { page, close } = await openPage(browser);
  await page.goto(`${base}/trace/${'0'.repeat(31)}1`);
  await byTest(page, 'error').waitFor();
  assert.match(await byTest(page, 'error').textContent(), /is not here/);
  await close();
});
