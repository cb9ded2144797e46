// SPDX-License-Identifier: Apache-2.0
// Loads traces and keeps what the page asks for later. Reading 100 MB of JSON takes a second: here it holds up nobody.
import { buildTrace } from '../model/build-trace';
import type { Trace } from '../model/trace';
import { ApiError, fetchOk } from './errors';
import { findSpans, readAllEvents, readDetail } from './otlp-detail';
import { parseTrace, type RawSpan } from './otlp-trace';
import type { CallMessage, CallName, ReplyMessage, TraceCalls } from './trace-messages';

interface Kept {
  readonly trace: Trace;
  readonly raw: readonly RawSpan[];
  /** The answer it was made of: the same length twice means nothing new. */
  readonly length: number;
}

const mostKept = 3;
/** Of all traces kept together, about 300 MB of parsed answers; one trace is always kept. */
const mostSpans = 200_000;
const kept = new Map<string, Kept>();

function keep(traceId: string, entry: Kept): void {
  kept.delete(traceId);
  kept.set(traceId, entry);
  let spans = 0;
  for (const { trace } of kept.values()) spans += trace.size;
  for (const [oldest, { trace }] of kept) {
    if (kept.size <= 1 || (kept.size <= mostKept && spans <= mostSpans)) break;
    kept.delete(oldest);
    spans -= trace.size;
  }
}

async function fetchTrace(traceId: string, url: string): Promise<Kept> {
  const response = await fetchOk(url);
  const text = await response.text();
  const before = kept.get(traceId);
  if (before && before.length === text.length) return before;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ApiError('format', response.status, `the answer is not JSON; it begins with "${text.slice(0, 40)}"`);
  }
  const { columns, raw } = parseTrace(answer, traceId);
  if (columns.size === 0) throw new ApiError('status', 404, columns.dropped[0] ?? 'the answer has no spans');
  return { trace: buildTrace(columns), raw, length: text.length };
}

/** Another trace may have pushed this one out since it was shown: then it is fetched again. */
async function recall(traceId: string, url: string): Promise<Kept> {
  const found = kept.get(traceId) ?? (await fetchTrace(traceId, url));
  keep(traceId, found);
  return found;
}

const calls: { [K in CallName]: (args: TraceCalls[K]['args']) => Promise<TraceCalls[K]['result']> } = {
  async load({ traceId, url, force }) {
    const before = kept.get(traceId);
    const now = await fetchTrace(traceId, url);
    keep(traceId, now);
    if (now === before && !force) return null;
    // The page has the tree; a hundred thousand ids of parents would only be copied.
    return { ...now.trace, parentIds: [] };
  },
  async detail({ traceId, url, span }) {
    const { trace, raw } = await recall(traceId, url);
    return readDetail(trace, raw, Math.min(span, trace.size - 1));
  },
  async find({ traceId, url, text }) {
    const { trace, raw } = await recall(traceId, url);
    return findSpans(trace, raw, text);
  },
  async events({ traceId, url }) {
    const { trace, raw } = await recall(traceId, url);
    return readAllEvents(trace, raw);
  },
  async json({ traceId, url }) {
    const { raw } = await recall(traceId, url);
    return JSON.stringify(raw, null, 2);
  },
};

async function answer(message: CallMessage): Promise<ReplyMessage> {
  try {
    const call = calls[message.call] as (args: unknown) => Promise<TraceCalls[CallName]['result']>;
    return { id: message.id, result: await call(message.args) };
  } catch (error) {
    const { kind, status } = error instanceof ApiError ? error : { kind: 'format' as const, status: 0 };
    return {
      id: message.id,
      failure: { kind, status, message: error instanceof Error ? error.message : String(error) },
    };
  }
}

self.onmessage = async (event: MessageEvent<CallMessage>) => {
  const reply = await answer(event.data);
  self.postMessage(reply);
};
