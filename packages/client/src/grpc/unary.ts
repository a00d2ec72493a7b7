/** Unary calls: by the policy of their target, over one endpoint or another. */
import { fromBinary, type Message } from '@bufbuild/protobuf';
import { mayRetryElsewhere, outcomeOf } from '@gatehouse/balance';
import { type GatehouseError, KINDS } from '@gatehouse/errors';
import type { Client } from '@grpc/grpc-js';
import { type Attempt, deadlineOf, type Retry, runCall, type TimeToGo } from '../policy/run.ts';
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

/** Calls a method. @throws GatehouseError */
export async function callUnary(
  method: PlannedMethod,
  upstream: Upstream,
  { request, options }: { readonly request: Init; readonly options: CallOptions },
): Promise<Message> {
  const body = encode(method, request);
  const begun = begin(method, upstream);
  try {
    options.signal?.throwIfAborted();
    const passport = passportFor(method, options);
    const { signal, idempotencyKey } = options;
    const time = deadlineOf(upstream.target, options.timeoutMs);
    const response = await runCall(upstream.target, {
      deadlineMs: time.deadlineMs,
      signal,
      isRetryable: method.isSafe || idempotencyKey !== undefined,
      isReplayable: true,
      next: upstream.next,
      attempt: (endpoint: Client, token) =>
        attempt(endpoint, begun, { body, time, signal, passport, token, idempotencyKey }),
    });
    return fromBinary(method.desc.output, response);
  } catch (thrown) {
    const error = callErrorOf(thrown, options.signal);
    markFailed(begun.span, error);
    throw error;
  } finally {
    begun.span.end();
  }
}

interface Try {
  readonly body: Buffer;
  readonly time: TimeToGo;
  readonly signal: AbortSignal | undefined;
  readonly passport: string | undefined;
  readonly token: string | undefined;
  readonly idempotencyKey: string | undefined;
}

function attempt(endpoint: Client, begun: Begun, one: Try): Promise<Attempt<Buffer>> {
  const { signal, time } = one;
  return new Promise((resolve) => {
    const call = endpoint.makeUnaryRequest(
      begun.method.path,
      asIs,
      asIs,
      one.body,
      metadataFor(begun, one),
      { deadline: time.deadlineMs },
      (error, value) => {
        signal?.removeEventListener('abort', cancel);
        if (value !== undefined) resolve({ outcome: 'good', retry: 'never', end: () => value });
        else resolve(failedTry(error, one));
      },
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
  });
}

const UNAUTHENTICATED = KINDS.UNAUTHENTICATED.grpcCode;

const RETRY = {
  always: 'elsewhere',
  'if safe': 'elsewhere if safe',
  never: 'never',
} as const satisfies Record<ReturnType<typeof mayRetryElsewhere>, Retry>;

function failedTry(thrown: unknown, { signal, time, token }: Try): Attempt<never> {
  const fault = callErrorOf(thrown ?? new Error('the response is empty'), signal);
  const isLate = fault.kind === 'DEADLINE_EXCEEDED';
  return {
    outcome: isLate && time.isHurried ? 'open' : outcomeOf(fault),
    retry:
      token !== undefined && rejectsToken(thrown, fault)
        ? 'with another token'
        : RETRY[mayRetryElsewhere(fault)],
    end: () => {
      throw fault;
    },
  };
}

/**
 * Whether a call was rejected for its token, by whatever server: one that is not ours gives no details. A
 * refusal by the access rule is about the passport or the certificate.
 */
function rejectsToken(thrown: unknown, { code }: GatehouseError): boolean {
  const isRefused = thrown instanceof Error && 'code' in thrown && thrown.code === UNAUTHENTICATED;
  return isRefused && !code.startsWith('access.');
}

const asIs = (bytes: Buffer): Buffer => bytes;
