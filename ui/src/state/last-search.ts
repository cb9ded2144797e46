// SPDX-License-Identifier: Apache-2.0
// Where "back to the search" leads: the search this tab made last.

let query = '';

export function rememberSearch(next: string): void {
  query = next;
}

export function lastSearch(): string {
  return query;
}
