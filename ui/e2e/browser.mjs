// SPDX-License-Identifier: Apache-2.0
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
