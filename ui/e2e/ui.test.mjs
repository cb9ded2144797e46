// SPDX-License-Identifier: Apache-2.0
// The UI alone, in Chromium, over hand-made answers. Needs `npm run build`.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, byTest, launch, openPage, parameter, waitForParameter } from './browser.mjs';
import { brokenId, shopId, startFixtureServer } from './fixture-server.mjs';
import { lateTrace } from './fixtures.mjs';

let browser;
let fixture;
before(async () => {
  fixture = await startFixtureServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  fixture?.server.close();
});

/** Runs a test on a page of its own and expects no complaint of the page. */
function on(path, run, options) {
  return async () => {
    const { page, complaints, close } = await openPage(browser, options);
    try {
      await page.goto(`${fixture.url}${path}`);
      await run(page);
      assert.deepEqual(complaints, []);
    } finally {
      await close();
    }
  };
}

const rows = (page) => byTest(page, 'span-row');
const rowNamed = (page, name) =>
  rows(page)
    .filter({ has: page.locator('.name', { hasText: name }) })
    .first();
const shop = `/trace/${shopId}`;

describe('search', () => {
  test(
    '/ leads to the search, which lists the newest traces',
    on('/', async (page) => {
      await page.waitForURL(/\/search$/);
      await byTest(page, 'result-row').first().waitFor();
      assert.equal(await byTest(page, 'result-row').first().getAttribute('data-trace-id'), shopId);
      assert.equal(await byTest(page, 'result-count').textContent(), '20 traces');
      await assertAccessible(page);
    }),
  );

  test(
    'a row opens its trace, and Back finds the list as it was',
    on('/search?limit=100', async (page) => {
      const list = page.locator('.results');
      await byTest(page, 'result-row').first().waitFor();
      await list.evaluate((element) => element.scrollTo(0, 500));
      const row = byTest(page, 'result-row').nth(14);
      const id = await row.getAttribute('data-trace-id');
      await row.click();
      await page.waitForURL(`**/trace/${id}`);
      await rows(page).first().waitFor();
      await page.goBack();
      await byTest(page, 'result-row').first().waitFor();
      await page.waitForFunction(() => document.querySelector('.results').scrollTop === 500);
    }),
  );

  test(
    'a service chosen by keys narrows the list and stands in the address',
    on('/search', async (page) => {
      await byTest(page, 'result-row').first().waitFor();
      await byTest(page, 'service').click();
      await page.keyboard.type('lef');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(/service=left/);
      await page.waitForFunction(() => document.querySelectorAll('[data-testid="result-row"]').length === 1);
      assert.equal(await byTest(page, 'result-row').getAttribute('data-trace-id'), brokenId);
      await page.goBack();
      await page.waitForFunction(() => document.querySelectorAll('[data-testid="result-row"]').length > 1);
      assert.equal(await byTest(page, 'service').inputValue(), '');
    }),
  );

  test(
    'every condition reaches the server',
    on('/search', async (page) => {
      await byTest(page, 'add-attribute').fill('http.route=/a b');
      await page.keyboard.press('Enter');
      await byTest(page, 'attribute-chip').waitFor();
      await byTest(page, 'min-duration').fill('1.5 ms');
      await byTest(page, 'max-duration').fill('2s');
      await byTest(page, 'limit').selectOption('50');
      await byTest(page, 'search-button').click();
      await page.waitForURL(/limit=50/);
      await byTest(page, 'result-row').first().waitFor();
      const asked = new URL(
        fixture.state.requests.findLast((path) => path.includes('trace-summaries')),
        fixture.url,
      ).searchParams;
      assert.equal(asked.get('query.attributes'), '{"http.route":"/a b"}');
      assert.equal(asked.get('query.durationMin'), '1.5ms');
      assert.equal(asked.get('query.durationMax'), '2s');
      assert.equal(asked.get('query.searchDepth'), '50');
      assert.equal(
        Date.parse(asked.get('query.startTimeMax')) - Date.parse(asked.get('query.startTimeMin')),
        3_600_000,
      );
      // Backspace takes the last attribute back for editing.
      await byTest(page, 'add-attribute').focus();
      await page.keyboard.press('Backspace');
      await page.waitForFunction(() => !document.querySelector('[data-testid="attribute-chip"]'));
    }),
  );

  test(
    'a custom range is typed and applied with Enter',
    on('/search', async (page) => {
      await byTest(page, 'lookback').selectOption('custom');
      await byTest(page, 'range-start').fill('2026-01-02T03:04:05.678');
      await byTest(page, 'range-start').press('Enter');
      await waitForParameter(
        page,
        'start',
        (value) => value === String(Date.parse('2026-01-02T03:04:05.678+01:00') * 1000),
      );
      await byTest(page, 'range-end').fill('2026-01-01T00:00');
      await page.getByText('ends before it begins').waitFor();
    }),
  );

  test(
    'a duration that is none is said so and not sent',
    on('/search', async (page) => {
      await byTest(page, 'min-duration').fill('soon');
      await byTest(page, 'search-button').click();
      await page.getByText('want 100ms, 1.2s').waitFor();
      assert.equal(parameter(page, 'minDuration'), null);
    }),
  );

  test(
    'unreadable parts of a link are named',
    on('/search?tags=nonsense&limit=many', async (page) => {
      await byTest(page, 'problems').waitFor();
      assert.equal(await byTest(page, 'problems').locator('li').count(), 2);
      await byTest(page, 'result-row').first().waitFor();
    }),
  );

  test(
    'a link that names traces lists those',
    on(`/search?traceID=${shopId}&traceID=${brokenId}&traceID=${'9'.repeat(32)}`, async (page) => {
      await byTest(page, 'result-row').nth(1).waitFor();
      assert.equal(await byTest(page, 'result-row').count(), 2);
    }),
  );

  test(
    'a link to a span opens it in its trace',
    on(`/search?span=aaaaaaaaaaaaaaa1@${shopId}`, async (page) => {
      await page.waitForURL(/\/trace\//);
      await byTest(page, 'detail-panel').waitFor();
      assert.equal(await byTest(page, 'detail-panel').getAttribute('data-span-id'), 'aaaaaaaaaaaaaaa1');
    }),
  );

  test(
    'an order is made here and asks for nothing new',
    on('/search', async (page) => {
      await byTest(page, 'result-row').first().waitFor();
      const before = fixture.state.requests.filter((path) => path.includes('trace-summaries')).length;
      await byTest(page, 'order').selectOption('shortest');
      await page.waitForFunction(
        (id) => document.querySelector('[data-testid="result-row"]').dataset.traceId === id,
        brokenId,
      );
      assert.equal(fixture.state.requests.filter((path) => path.includes('trace-summaries')).length, before);
    }),
  );

  test(
    'a pasted trace id opens the trace',
    on('/search', async (page) => {
      await byTest(page, 'jump').locator('input').fill(shopId.toUpperCase());
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/trace/${shopId}`);
      await page.keyboard.press('Control+k');
      await page.keyboard.type('no such thing');
      await page.keyboard.press('Enter');
      await page.getByText('neither a trace id nor a service').waitFor();
    }),
  );

  test('an empty server says how to begin and notices the first trace', async () => {
    fixture.state.empty = true;
    await on('/search', async (page) => {
      await byTest(page, 'no-data').waitFor();
      assert.match(
        await byTest(page, 'curl-line').textContent(),
        /^curl -X POST http:\/\/127\.0\.0\.1:4318\/v1\/traces /,
      );
      await assertAccessible(page);
      fixture.state.empty = false;
      await byTest(page, 'result-row').first().waitFor();
    })();
  });

  test('a failure says what, why and what to do, and can be tried again', async () => {
    fixture.state.fail = { path: 'trace-summaries', code: 400, message: 'malformed parameter query.durationMin' };
    const { page, close } = await openPage(browser);
    await page.goto(`${fixture.url}/search`);
    await byTest(page, 'error').waitFor();
    assert.match(
      await byTest(page, 'error').textContent(),
      /Cannot search.*malformed parameter query\.durationMin.*Change the condition/,
    );
    fixture.state.fail = null;
    await byTest(page, 'error').getByRole('button').click();
    await byTest(page, 'result-row').first().waitFor();
    await close();
  });
});

describe('trace', () => {
  test(
    'shows its facts, its rows and equal siblings as one',
    on(shop, async (page) => {
      await rows(page).first().waitFor();
      const facts = await byTest(page, 'facts').textContent();
      assert.match(facts, /Duration 412 ms.*Services 4.*Spans 156.*Errors 1/);
      assert.match(await byTest(page, 'database-strip').textContent(), /144 queries, 8 distinct/);
      assert.equal(await rows(page).count(), 20);
      const group = page.locator('[data-group="137"]');
      assert.match(await group.textContent(), /SELECT products.*× 137/);
      await assertAccessible(page);
    }),
  );

  test(
    'a query is shown formatted in the panel, with attributes, resource and raw JSON',
    on(shop, async (page) => {
      await rowNamed(page, 'UPDATE stock').click();
      const sql = byTest(page, 'sql-block');
      await sql.locator('.sql-keyword').first().waitFor();
      await page.waitForFunction(() => document.querySelector('[data-testid="sql-block"]').textContent.includes('\n'));
      assert.equal(await sql.textContent(), 'UPDATE stock\nSET    reserved = reserved + ?\nWHERE  sku = ?');
      assert.match(await byTest(page, 'attributes').textContent(), /db\.system\.name.*postgresql/);
      assert.match(await byTest(page, 'resource').textContent(), /service\.version.*2\.4\.1/);
      await page.getByText('Raw JSON').click();
      assert.match(await byTest(page, 'raw-json').textContent(), /"name": "UPDATE stock"/);
      await page.getByPlaceholder('filter…').first().fill('namespace');
      assert.equal(await byTest(page, 'attributes').locator('dt').count(), 1);
      await assertAccessible(page);
      await page.keyboard.press('Escape');
    }),
  );

  test(
    'an error has its message, its events and their stack',
    on(shop, async (page) => {
      await rowNamed(page, 'INSERT reservation').click();
      await byTest(page, 'events').waitFor();
      const panel = await byTest(page, 'detail-panel').textContent();
      assert.match(panel, /duplicate key value violates unique constraint/);
      assert.match(panel, /reserve\(\) at stock\.cpp:31/);
    }),
  );

  test(
    'everything works by keys',
    on(shop, async (page) => {
      await rows(page).first().waitFor();
      const marked = () => page.locator('.row.marked .name').textContent();
      for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
      assert.equal(await marked(), 'GET shop-api');
      await page.keyboard.press('ArrowLeft');
      await waitForParameter(page, 'folded', (value) => value !== null);
      assert.equal(await rows(page).count(), 7);
      await page.keyboard.press('ArrowRight');
      await waitForParameter(page, 'folded', (value) => value === null);
      await page.keyboard.press('Enter');
      await byTest(page, 'detail-panel').waitFor();
      await rowNamed(page, 'UPDATE stock').click();
      await page.keyboard.press('z');
      await waitForParameter(page, 'range', (value) => value !== null);
      assert.notEqual(await byTest(page, 'range').textContent(), '0 – 412 ms');
      await page.keyboard.press('0');
      await waitForParameter(page, 'range', (value) => value === null);
      await page.keyboard.press('c');
      await waitForParameter(page, 'cp', (value) => value === '0');
      await page.keyboard.press('g');
      await waitForParameter(page, 'group', (value) => value === '0');
      assert.equal(await byTest(page, 'waterfall').getAttribute('aria-rowcount'), '157');
      await page.keyboard.press('Escape');
      await waitForParameter(page, 'sel', (value) => value === null);
      await page.keyboard.press('?');
      await byTest(page, 'help').waitFor();
    }),
  );

  test(
    'finding counts, goes through the matches and opens groups on the way',
    on(shop, async (page) => {
      await rows(page).first().waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('/charge');
      await page.getByText('1 of 1').waitFor();
      assert.equal(await page.locator('.row.marked .name').textContent(), '/charge');
      await assertAccessible(page);
      await byTest(page, 'find').fill('price, weight');
      await page.keyboard.press('Escape');
      await page.keyboard.press('/');
      await page.keyboard.type('"price, weight"');
      await page.getByText('1 of 137').waitFor();
      await page.keyboard.press('Enter');
      await page.getByText('2 of 137').waitFor();
      await page.keyboard.press('Shift+Enter');
      await page.getByText('1 of 137').waitFor();
      await page.locator('[data-group="137"]').waitFor();
      assert.ok((await rows(page).count()) > 30);
    }),
  );

  test(
    'a link with the id of a span opens that span',
    on(`${shop}?uiFind=aaaaaaaaaaaaaa93`, async (page) => {
      await byTest(page, 'detail-panel').waitFor();
      assert.equal(await byTest(page, 'detail-panel').getAttribute('data-span-id'), 'aaaaaaaaaaaaaa93');
      await page.locator('.row.selected').waitFor();
    }),
  );

  test(
    'dragging in ruler and overview zooms, a view is in its address',
    on(shop, async (page) => {
      const drag = async (name, from, to) => {
        const box = await byTest(page, name).boundingBox();
        await page.mouse.move(box.x + box.width * from, box.y + 10);
        await page.mouse.down();
        await page.mouse.move(box.x + box.width * to, box.y + 12, { steps: 5 });
        await page.mouse.up();
      };
      await rows(page).first().waitFor();
      await drag('ruler', 0.25, 0.5);
      await waitForParameter(page, 'range', (value) => value !== null);
      assert.match(await byTest(page, 'range').textContent(), /^10[23] – 20[67] ms$/);
      await byTest(page, 'fit').click();
      await waitForParameter(page, 'range', (value) => value === null);
      await drag('minimap', 0.5, 0.75);
      await waitForParameter(page, 'range', (value) => value !== null);
      const shown = await byTest(page, 'range').textContent();
      await page.reload();
      await rows(page).first().waitFor();
      assert.equal(await byTest(page, 'range').textContent(), shown);
    }),
  );

  test(
    'clicking the mark folds, opening a group shows every call',
    on(shop, async (page) => {
      await page.locator('[data-group="137"] .caret').click();
      await waitForParameter(page, 'opened', (value) => value !== null);
      assert.equal(await byTest(page, 'waterfall').getAttribute('aria-rowcount'), String(1 + 20 + 137));
    }),
  );

  test(
    'a broken trace is shown with what is wrong with it',
    on(`/trace/${brokenId}`, async (page) => {
      await rows(page).first().waitFor();
      assert.match(await byTest(page, 'facts').textContent(), /incomplete: 2 spans without parent/);
      assert.match(await byTest(page, 'facts').textContent(), /unreadable span/);
      await rowNamed(page, 'circle').click();
      await page.getByText('form a circle').waitFor();
      await rowNamed(page, 'backwards').click();
      await page.getByText('ends before it starts').waitFor();
    }),
  );

  test('spans that arrive later join the trace, and the view stays', async () => {
    const id = 'c0ffee'.padStart(32, '0');
    const { early, late } = lateTrace(id, Date.now() - 1000);
    fixture.state.add(id, early);
    await on(`/trace/${id}`, async (page) => {
      await rowNamed(page, 'arrives first').click();
      await page.getByText('no parent', { exact: true }).waitFor();
      fixture.state.add(id, late);
      await rowNamed(page, 'arrives later').waitFor();
      await page.waitForFunction(() => !document.querySelector('.row .tag.warn'));
      assert.equal(await page.locator('.row.selected .name').textContent(), 'arrives first');
    })();
  });

  test(
    'table, events and JSON',
    on(`${shop}?view=table`, async (page) => {
      await byTest(page, 'table-tab').locator('tbody button').first().waitFor();
      await page.getByRole('button', { name: /^Duration/ }).click();
      assert.equal(await byTest(page, 'table-tab').locator('tbody button').first().textContent(), 'GET /orders/{id}');
      await assertAccessible(page);
      await byTest(page, 'tab-events').click();
      await byTest(page, 'events-tab').getByText('card checked').waitFor();
      await assertAccessible(page);
      await byTest(page, 'tab-json').click();
      await byTest(page, 'json-tab').getByText('"service.name"').first().waitFor();
      await assertAccessible(page);
      await page.goBack();
      await byTest(page, 'events-tab').waitFor();
    }),
  );

  test(
    'other spellings of an id lead to the one address',
    on(`/trace/${shopId.toUpperCase()}?uiFind=x`, async (page) => {
      await page.waitForURL(`**/trace/${shopId}?uiFind=x`);
      await rows(page).first().waitFor();
    }),
  );

  test('an unknown trace, no id at all, and pages that do not exist say so', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${fixture.url}/trace/${'9'.repeat(32)}`);
    await byTest(page, 'error').waitFor();
    assert.match(await byTest(page, 'error').textContent(), /is not here.*No traces found/);
    await page.goto(`${fixture.url}/trace/not-an-id`);
    await byTest(page, 'error').waitFor();
    assert.match(await byTest(page, 'error').textContent(), /This is no trace id/);
    await page.goto(`${fixture.url}/dependencies`);
    await byTest(page, 'not-found').waitFor();
    await page.goto(`${fixture.url}/trace/${shopId}...${brokenId}`);
    assert.equal(await byTest(page, 'not-found').locator('a').count(), 2);
    await close();
  });
});

describe('frame', () => {
  test(
    'themes follow the system until chosen, in a dark page every contrast holds',
    on(
      shop,
      async (page) => {
        await rows(page).first().waitFor();
        const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
        assert.equal(await theme(), 'dark');
        await rowNamed(page, 'INSERT reservation').click();
        await byTest(page, 'attributes').waitFor();
        await assertAccessible(page);
        await byTest(page, 'theme').click();
        assert.equal(await theme(), 'light');
        await page.reload();
        assert.equal(await theme(), 'light');
      },
      { colorScheme: 'dark' },
    ),
  );

  test(
    'times are local or UTC',
    on(shop, async (page) => {
      await rows(page).first().waitFor();
      const shown = async () => (await byTest(page, 'facts').textContent()).match(/(\d\d):\d\d:\d\d\.\d{3}/)[1];
      const local = Number(await shown());
      await byTest(page, 'zone').click();
      assert.ok([1, 2].includes((local - Number(await shown()) + 24) % 24));
    }),
  );

  test(
    'narrow screens keep everything reachable',
    on(
      shop,
      async (page) => {
        await rowNamed(page, 'UPDATE stock').click();
        await byTest(page, 'sql-block').waitFor();
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
        );
        assert.equal(wide, false);
        await assertAccessible(page);
      },
      { viewport: { width: 400, height: 800 } },
    ),
  );

  test('below a prefix nothing asks outside of it', async () => {
    const prefixed = await startFixtureServer({ prefix: '/tools/skua' });
    const { page, complaints, close } = await openPage(browser);
    const outside = [];
    page.on('request', (request) => {
      if (!new URL(request.url()).pathname.startsWith('/tools/skua/')) outside.push(request.url());
    });
    await page.goto(`${prefixed.url}/`);
    await page.waitForURL('**/tools/skua/search');
    await byTest(page, 'result-row').first().click();
    await page.waitForURL(`**/tools/skua/trace/${shopId}`);
    await rows(page).first().waitFor();
    await page.reload();
    await rows(page).first().waitFor();
    assert.deepEqual([outside, complaints], [[], []]);
    await close();
    prefixed.server.close();
  });
});
