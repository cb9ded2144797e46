// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';

/** Debian's Chromium, also as root and without a GPU. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.SKUA_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A fresh profile and page; whatever the page complains about is collected in `complaints`. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    colorScheme: 'light',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return { page, complaints, close: () => context.close() };
}

/** No rule of WCAG 2.2 AA that a machine can check is broken. */
export async function assertAccessible(page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const words = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html}\n${failureSummary}`)
        .join('\n')}`,
  );
  assert.deepEqual(words, []);
}

export const byTest = (page, name) => page.locator(`[data-testid="${name}"]`);
export const parameter = (page, name) => new URL(page.url()).searchParams.get(name);

/** Writes to the address lag a little behind the page, see state/router.ts. */
export async function waitForParameter(page, name, test) {
  await page.waitForURL((url) => test(url.searchParams.get(name)));
}
