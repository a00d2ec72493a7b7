/** Server streams: on one endpoint, never retried; whoever listens opens it again. */
import { fromBinary, type Message } from '@bufbuild/protobuf';
import { type Outcome, outcomeOf } from '@gatehouse/balance';
import { commonErrors, type GatehouseError } from '@gatehouse/errors';
import type { Client } from '@grpc/grpc-js';
import { currentFlow } from '../flow.ts';
import { markFailed } from '../span.ts';
import { callErrorOf } from './call-error.ts';
import type { CallOptions } from './client-types.ts';
import {
  type Begun,
  begin,
  encode,
  type Init,
  metadataFor,
  type PlannedMethod,
  passportFor,
} from './planned.ts';
import type { Upstream } from './upstream.ts';

const NOBODY: ReadonlySet<Client> = new Set();

/** Opens a stream when it is iterated. @throws GatehouseError */
export async function* callStream(
  method: PlannedMethod,
  upstream: Upstream,
  { request, options }: { readonly request: Init; readonly options: CallOptions },
): AsyncGenerator<Message> {
  const begun = begin(method, upstream);
  const { signal } = options;
  let settle: (outcome: Outcome) => void = () => undefined;
  let outcome: Outcome = 'good';
  let cancel: () => void = () => undefined;
  try {
    const opened = await open(begun, upstream, { body: encode(method, request), options });
    ({ settle, cancel } = opened);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    for await (const bytes of opened.responses) yield fromBinary(method.desc.output, bytes);
  } catch (thrown) {
    const error: GatehouseError = callErrorOf(thrown, signal);
    markFailed(begun.span, error);
    outcome = outcomeOf(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
    settle(outcome);
    begun.span.end();
  }
}

interface Opened {
  readonly responses: AsyncIterable<Buffer>;
  readonly settle: (outcome: Outcome) => void;
  readonly cancel: () => void;
}

async function open(
  begun: Begun,
  upstream: Upstream,
  { body, options }: { readonly body: Buffer; readonly options: CallOptions },
): Promise<Opened> {
  const { target } = upstream;
  const passport = passportFor(begun.method, options);
  const untilMs = target.clock.nowMs() + (options.timeoutMs ?? target.policy.timeoutMs);
  const wait = options.signal === undefined ? {} : { signal: options.signal };
  const timeoutMs = target.policy.tokenTimeoutMs;
  const token = await target.tokens?.get({ ...wait, timeoutMs });
  const turn = await upstream.next({ tried: NOBODY, untilMs });
  if (turn === undefined) throw commonErrors.UNAVAILABLE();
  const { idempotencyKey } = options;
  const call = turn.target.makeServerStreamRequest(
    begun.method.path,
    asIs,
    asIs,
    body,
    metadataFor(begun, { passport, token, idempotencyKey }),
    deadlineFor(options),
  );
  // Cancelling makes a last error event, after those who listened have gone.
  call.on('error', () => undefined);
  return {
    responses: call as AsyncIterable<Buffer>,
    settle: (outcome) => turn.settle(outcome),
    cancel: () => call.cancel(),
  };
}

function deadlineFor({ timeoutMs }: CallOptions): { deadline?: number } {
  const ownMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
  const deadline = Math.min(ownMs, currentFlow().deadlineMs ?? ownMs);
  return Number.isFinite(deadline) ? { deadline } : {};
}

const asIs = (bytes: Buffer): Buffer => bytes;
