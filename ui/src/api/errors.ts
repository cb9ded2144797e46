// SPDX-License-Identifier: Apache-2.0

export type FailureKind = 'network' | 'status' | 'format';

/** What failed and why; the page adds what to do. Plain fields, so that it survives the way out of a worker. */
export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const longestMessage = 500;

/** Both families of answers: v3 {"error":{"httpCode","message"}} and v1 {"errors":[{"code","msg"}]}; else the body if it is short text. */
export function messageOfBody(body: string): string | null {
  try {
    const parsed = JSON.parse(body);
    const message =
      parsed?.error?.message ?? parsed?.errors?.[0]?.msg ?? (typeof parsed?.error === 'string' ? parsed.error : null);
    if (typeof message === 'string' && message !== '') return message.slice(0, longestMessage);
  } catch {
    const text = body.trim();
    if (text !== '' && !text.startsWith('<')) return text.slice(0, longestMessage);
  }
  return null;
}

export async function failIfNotOk(response: Response): Promise<void> {
  if (response.ok) return;
  const body = await response.text().catch(() => '');
  throw new ApiError(
    'status',
    response.status,
    messageOfBody(body) ?? `${response.status} ${response.statusText}`.trim(),
  );
}

/** fetch with the two failures a page tells apart: no answer, or an answer that says no. */
export async function fetchOk(url: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal, headers: { accept: 'application/json' } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('network', 0, 'the server does not answer');
  }
  await failIfNotOk(response);
  return response;
}

export async function fetchJson(url: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetchOk(url, signal);
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError('format', response.status, `the answer is not JSON; it begins with "${text.slice(0, 40)}"`);
  }
}
