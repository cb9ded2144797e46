// SPDX-License-Identifier: Apache-2.0

/** The address of an API path below the prefix of the page. Workers get finished addresses. */
export function apiUrl(path: string, params?: URLSearchParams): string {
  const query = params?.toString();
  return new URL(`api/${path}${query ? `?${query}` : ''}`, document.baseURI).href;
}

export function traceUrl(traceId: string): string {
  return apiUrl(`v3/traces/${traceId}`);
}
