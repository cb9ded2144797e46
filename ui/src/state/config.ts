// SPDX-License-Identifier: Apache-2.0
// The settings a server wrote into the page: the file of Jaeger's UI. What we do not know is ignored, what is malformed too.
import { parseLookback } from '../lib/duration';

declare global {
  interface Window {
    getJaegerUiConfig?: () => unknown;
    getJaegerVersion?: () => unknown;
  }
}

export interface UiConfig {
  readonly defaultLookback: string;
  readonly maxLimit: number;
}

function readConfig(): UiConfig {
  let search: Record<string, unknown> = {};
  try {
    const config = window.getJaegerUiConfig?.() as { search?: Record<string, unknown> } | null | undefined;
    search = config?.search ?? {};
  } catch (error) {
    console.warn('cannot read the settings of this page:', error);
  }
  const { defaultLookback, maxLimit } = search;
  return {
    defaultLookback:
      typeof defaultLookback === 'string' && parseLookback(defaultLookback) !== null ? defaultLookback : '1h',
    maxLimit: typeof maxLimit === 'number' && maxLimit >= 1 ? Math.floor(maxLimit) : 1500,
  };
}

export const config = readConfig();

/** The version the server wrote into the page; '' when it wrote none. */
export function serverVersion(): string {
  const version = window.getJaegerVersion?.() as { gitVersion?: unknown } | null | undefined;
  return typeof version?.gitVersion === 'string' ? version.gitVersion : '';
}
