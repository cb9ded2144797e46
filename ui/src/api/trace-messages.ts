// SPDX-License-Identifier: Apache-2.0
// What page and worker say to each other.
import type { SpanDetail, Trace, TraceEvent } from '../model/trace';
import type { FailureKind } from './errors';

export interface TraceCalls {
  /** null: nothing new since the last load of this trace. */
  load: { args: { traceId: string; url: string; force: boolean }; result: Trace | null };
  detail: { args: { traceId: string; url: string; span: number }; result: SpanDetail };
  find: { args: { traceId: string; url: string; text: string }; result: Uint32Array };
  events: { args: { traceId: string; url: string }; result: readonly TraceEvent[] };
  json: { args: { traceId: string; url: string }; result: string };
}

export type CallName = keyof TraceCalls;

export interface CallMessage<K extends CallName = CallName> {
  readonly id: number;
  readonly call: K;
  readonly args: TraceCalls[K]['args'];
}

export interface Failure {
  readonly kind: FailureKind;
  readonly status: number;
  readonly message: string;
}

export type ReplyMessage =
  | { readonly id: number; readonly result: TraceCalls[CallName]['result'] }
  | { readonly id: number; readonly failure: Failure };
