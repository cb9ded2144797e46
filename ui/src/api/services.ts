// SPDX-License-Identifier: Apache-2.0
import { apiUrl } from './address';
import { fetchJson } from './errors';
import { asArray, asObject, asString } from './json';

function namesIn(values: readonly unknown[]): string[] {
  return [...new Set(values.map(asString).filter((name) => name !== ''))].sort();
}

export async function fetchServices(signal?: AbortSignal): Promise<string[]> {
  return readServices(await fetchJson(apiUrl('v3/services'), signal));
}

/** An empty list may be left out altogether. */
export function readServices(answer: unknown): string[] {
  return namesIn(asArray(asObject(answer).services));
}

export async function fetchOperations(service: string, signal?: AbortSignal): Promise<string[]> {
  return readOperations(await fetchJson(apiUrl('v3/operations', new URLSearchParams({ service })), signal));
}

export function readOperations(answer: unknown): string[] {
  return namesIn(asArray(asObject(answer).operations).map((operation) => asObject(operation).name));
}
