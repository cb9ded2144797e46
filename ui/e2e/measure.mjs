// SPDX-License-Identifier: Apache-2.0
// How a large trace feels: opens one of SPANS spans in Chromium and prints one JSON object per figure. It judges nothing: the
// figures move with the machine. `SPANS=100000 node e2e/measure.mjs`
import { launch } from './browser.mjs';
import { bigId, startFixtureServer } from './fixture-server.mjs';

const spans = Number(process.env.SPANS ?? 100_000);
const fixture = await startFixtureServer({ bigSize: spans });
const bytes = (await (await fetch(`${fixture.url}/api/v3/traces/${bigId}`)).arrayBuffer()).byteLength;
const print = (name, value, unit) =>
  console.log(JSON.stringify({ name: `ui.${spans}.${name}`, value: Math.round(value * 10) / 10, unit }));

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
await page.goto(`${fixture.url}/search`);
await page.waitForSelector('[data-testid="result-row"]');

print('bytes', bytes / 1e6, 'MB');
const opened = await page.evaluate(async (id) => {
  const begin = performance.now();
  history.pushState({}, '', `/trace/${id}`);
  dispatchEvent(new PopStateEvent('popstate'));
  while (!document.querySelector('[data-testid="span-row"]')) await new Promise((done) => requestAnimationFrame(done));
  const shown = performance.now();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const network = performance.getEntriesByType('resource').find((entry) => entry.name.includes(`/traces/${id}`));
  return { shown: shown - begin, network: network?.duration ?? 0 };
}, bigId);
print('open', opened.shown, 'ms');

/** Runs `step` once per frame and returns the frame times. */
async function frames(step, count) {
  return page.evaluate(
    async ([source, n]) => {
      const run = new Function('at', source);
      const times = [];
      let last = performance.now();
      for (let at = 0; at < n; at++) {
        run(at);
        await new Promise((done) => requestAnimationFrame(done));
        const now = performance.now();
        times.push(now - last);
        last = now;
      }
      return times.slice(3).sort((a, b) => a - b);
    },
    [step, count],
  );
}
const report = (name, times) => {
  print(`${name}.p50`, times[Math.floor(times.length * 0.5)], 'ms/frame');
  print(`${name}.p95`, times[Math.floor(times.length * 0.95)], 'ms/frame');
};
const scroller = `document.querySelector('[data-testid="waterfall"]')`;
report('scroll', await frames(`${scroller}.scrollTop += 120`, 180));
report('fling', await frames(`${scroller}.scrollTop += 5000`, 180));

await page.evaluate(`${scroller}.scrollTop = 0`);
const timed = async (action, done) => {
  await page.evaluate(() => {
    window.begin = performance.now();
  });
  await action();
  await page.waitForFunction(done, undefined, { polling: 'raf' });
  return page.evaluate(() => performance.now() - window.begin);
};
const rowCount = () => page.getAttribute('[data-testid="waterfall"]', 'aria-rowcount');
const before = await rowCount();
const folded = await timed(
  () => page.locator('[data-testid="span-row"] .caret').first().click(),
  `document.querySelector('[data-testid="waterfall"]').getAttribute('aria-rowcount') !== '${before}'`,
);
print('fold', folded, 'ms with input');
await page.locator('[data-testid="span-row"] .caret').first().click();
await page.keyboard.press('/');
const found = await timed(
  () => page.keyboard.insertText('table_17'),
  `document.querySelector('[data-testid="find-count"]')`,
);
print('find', found, 'ms with 150 ms typing pause');
const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0);
print('heap', heap / 1e6, 'MB page without worker');
await browser.close();
fixture.server.close();
