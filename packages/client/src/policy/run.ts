/** Makes one call by the policy of its target: token, endpoints, retries, breaker. Knows no wire. */
import type { Outcome } from '@gatehouse/balance';
import { commonErrors } from '@gatehouse/errors';
import { clientErrors } from '../errors.ts';
import { currentFlow } from '../flow.ts';
import type { Target } from './target.ts';

/** Whether a call that ended so may be retried, and where. */
export type Retry =
  | 'never'
  /** Nothing was begun. */
  | 'elsewhere'
  /** Something may have been done. */
  | 'elsewhere if safe'
  /** As that, and the same endpoint is as good: a connection that had been idle was gone. */
  | 'anywhere if safe'
  /** The token was rejected. */
  | 'with another token';

/** One try and how it ended. */
export interface Attempt<Result> {
  /** What is to be said of the endpoint. */
  readonly outcome: Outcome;
  readonly retry: Retry;
  /** Gives the response, or throws why there is none. */
  readonly end: () => Result;
}

/** An endpoint that was given a call; an `Endpoint` of `@gatehouse/balance` is one. */
export interface Turn<Target> {
  readonly target: Target;
  /** To be called once, when the call has ended. */
  settle(outcome: Outcome): void;
}

/** Until when a call may take. */
export interface TimeToGo {
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  /** Its caller left it less than a quarter of its time: to be late says nothing of the target. */
  readonly isHurried: boolean;
}

const HURRY = 1 / 4;

interface CallLimits {
  /** Milliseconds since the epoch. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** To make it twice does what making it once does. */
  readonly isRetryable: boolean;
  /** Its body is still there. */
  readonly isReplayable: boolean;
}

/** A call that is to be made. */
export interface PlannedCall<Endpoint, Result> extends CallLimits {
  /** An endpoint for the next try; undefined when all were tried. */
  next(wait: {
    readonly tried: ReadonlySet<Endpoint>;
    readonly untilMs: number;
  }): Turn<Endpoint> | Promise<Turn<Endpoint> | undefined> | undefined;
  /** Tries an endpoint. Never throws. */
  attempt(endpoint: Endpoint, token: string | undefined): Promise<Attempt<Result>>;
}

/**
 * When a call has to be over: after the time given or the policy's, and never after the deadline of the call
 * that is being served.
 *
 * @throws GatehouseError `common.deadline` when that has passed: the call does not leave.
 */
export function deadlineOf({ policy, clock }: Target, timeoutMs = policy.timeoutMs): TimeToGo {
  const nowMs = clock.nowMs();
  const ownMs = nowMs + timeoutMs;
  const { deadlineMs = ownMs } = currentFlow();
  if (deadlineMs <= nowMs) throw commonErrors.DEADLINE();
  const isHurried = deadlineMs - nowMs < timeoutMs * HURRY;
  return { deadlineMs: Math.min(ownMs, deadlineMs), isHurried };
}

/**
 * Makes a call. It is retried when nothing was begun; once with another token when the token was rejected and was
 * the current one; and, within the budget, when it is safe and its endpoint was lost or unavailable. Never
 * after its deadline, nor when its body is gone.
 *
 * @throws GatehouseError `client.circuit_open`, `common.unavailable`, those of the token manager, and
 *   what the last try throws.
 */
export async function runCall<Endpoint, Result>(
  target: Target,
  call: PlannedCall<Endpoint, Result>,
): Promise<Result> {
  const settle = target.breaker.enter();
  if (settle === undefined) {
    throw clientErrors.CIRCUIT_OPEN({ retryAfterSeconds: target.policy.breaker.openMs / 1_000 });
  }
  let outcome: Outcome = 'open';
  try {
    const last = await tryInTurn(target, call);
    outcome = last.outcome;
    return last.end();
  } finally {
    settle(outcome);
  }
}

async function tryInTurn<Endpoint, Result>(
  target: Target,
  call: PlannedCall<Endpoint, Result>,
): Promise<Attempt<Result>> {
  let tried: ReadonlySet<Endpoint> = NOBODY;
  const tries = new Tries(target, call);
  let token = target.tokens === undefined ? undefined : await tries.firstToken(target.tokens);
  let last: Attempt<Result> | undefined;
  target.budget.earn();
  for (;;) {
    const choice = call.next({ tried, untilMs: call.deadlineMs });
    // Awaited only where there is something to wait for: this is the way of every call.
    const turn = choice instanceof Promise ? await choice : choice;
    if (turn === undefined) return last ?? nobodyThere();
    last = await call.attempt(turn.target, token);
    turn.settle(last.outcome);
    if (last.retry === 'never') return last;
    if (last.retry === 'with another token') {
      const another = await tries.anotherToken(token);
      if (another === undefined) return last;
      token = another;
    } else {
      if (!tries.mayRetry(last.retry)) return last;
      if (last.retry !== 'anywhere if safe') tried = new Set([...tried, turn.target]);
    }
  }
}

const NOBODY: ReadonlySet<never> = new Set();

function nobodyThere(): Attempt<never> {
  const end = () => {
    throw commonErrors.UNAVAILABLE();
  };
  return { outcome: 'bad', retry: 'never', end };
}

/** What one call has used up of its retries. */
class Tries {
  readonly #target: Target;
  readonly #call: CallLimits;
  #retriesLeft: number;
  #hasNewToken = false;

  constructor(target: Target, call: CallLimits) {
    this.#target = target;
    this.#call = call;
    this.#retriesLeft = target.policy.retries;
  }

  firstToken(tokens: NonNullable<Target['tokens']>): Promise<string> {
    return tokens.get(this.#wait());
  }

  /** @returns undefined when the call is not to be retried. */
  async anotherToken(rejected: string | undefined): Promise<string | undefined> {
    const { tokens } = this.#target;
    if (tokens === undefined || rejected === undefined || this.#hasNewToken) return undefined;
    if (!this.#call.isReplayable || this.#leftMs() <= 0) return undefined;
    this.#hasNewToken = true;
    const token = await tokens.reject(rejected, this.#wait());
    return token === rejected ? undefined : token;
  }

  mayRetry(retry: Retry): boolean {
    if (!this.#call.isReplayable || this.#leftMs() <= 0) return false;
    if (retry === 'elsewhere') return true;
    if (!this.#call.isRetryable || this.#retriesLeft <= 0) return false;
    this.#retriesLeft -= 1;
    return this.#target.budget.spend();
  }

  #leftMs(): number {
    return this.#call.deadlineMs - this.#target.clock.nowMs();
  }

  #wait() {
    const { signal } = this.#call;
    const timeoutMs = Math.max(0, Math.min(this.#leftMs(), this.#target.policy.tokenTimeoutMs));
    return { timeoutMs, ...(signal === undefined ? {} : { signal }) };
  }
}
