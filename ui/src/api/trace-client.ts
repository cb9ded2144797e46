// SPDX-License-Identifier: Apache-2.0
// The page's side of the worker: one for all traces, started when the first is asked for.
import { traceUrl } from './address';
import { ApiError } from './errors';
import type { CallName, ReplyMessage, TraceCalls } from './trace-messages';

interface Waiting {
  resolve(result: never): void;
  reject(error: ApiError): void;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

function start(): Worker {
  const made = new Worker(new URL('./trace-worker.ts', import.meta.url), { type: 'module' });
  made.onmessage = ({ data }: MessageEvent<ReplyMessage>) => {
    const entry = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failure' in data) entry?.reject(new ApiError(data.failure.kind, data.failure.status, data.failure.message));
    else entry?.resolve(data.result as never);
  };
  made.onerror = (event) => {
    // A worker that could not start or ran out of memory answers nothing more: everybody is told, the next call starts a new one.
    for (const entry of waiting.values()) {
      entry.reject(new ApiError('format', 0, event.message || 'the trace could not be read in this browser'));
    }
    waiting.clear();
    worker?.terminate();
    worker = undefined;
  };
  return made;
}

function call<K extends CallName>(name: K, args: TraceCalls[K]['args']): Promise<TraceCalls[K]['result']> {
  worker ??= start();
  const id = ++lastId;
  const target = worker;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    target.postMessage({ id, call: name, args });
  });
}

/** @param force the trace even when nothing changed since the last load */
export function loadTrace(traceId: string, force: boolean) {
  return call('load', { traceId, url: traceUrl(traceId), force });
}

export function loadDetail(traceId: string, span: number) {
  return call('detail', { traceId, url: traceUrl(traceId), span });
}

export function findInTrace(traceId: string, text: string) {
  return call('find', { traceId, url: traceUrl(traceId), text });
}

export function loadEvents(traceId: string) {
  return call('events', { traceId, url: traceUrl(traceId) });
}

export function loadJson(traceId: string) {
  return call('json', { traceId, url: traceUrl(traceId) });
}
