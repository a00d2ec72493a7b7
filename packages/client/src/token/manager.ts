/** One service token for a whole process: fetched once for many callers, renewed before it ends. */
import { commonErrors, GatehouseError } from '@gatehouse/errors';
import { backOffMs } from '@gatehouse/runtime';
import { type Clock, systemClock } from '@gatehouse/tokens';
import { clientErrors } from '../errors.ts';
import { type After, systemTimers } from '../timers.ts';
import { type FetchedToken, type UsableToken, usableToken } from './life.ts';
import { type WaitOptions, waitFor } from './wait.ts';

/**
 * Fetches a token. It throws `client.token_refused`, `client.token_unreachable` or
 * `client.token_malformed`; anything else that it throws counts as unreachable.
 */
export type FetchToken = (signal: AbortSignal) => Promise<FetchedToken>;

/** What happened to the token, for logs and metrics. Holds no token. */
export type TokenEvent =
  | { readonly type: 'issued'; readonly lifeMs: number }
  | {
      readonly type: 'failed';
      readonly error: GatehouseError;
      readonly retryInMs: number;
      /** Whether an older token still serves. */
      readonly stillServing: boolean;
    };

/** What a manager goes by. */
export interface TokenManagerOptions {
  readonly fetchToken: FetchToken;
  readonly clock?: Clock;
  /** Default: the system's, which keep no process alive. */
  readonly after?: After;
  /** Default: Math.random. */
  readonly random?: () => number;
  /** Longest duration of one fetch, whatever it does itself. Default 10 s. */
  readonly fetchTimeoutMs?: number;
  /** How far the auth server's clock may be from ours. Default 60 s. */
  readonly clockToleranceMs?: number;
  readonly onEvent?: (event: TokenEvent) => void;
}

/** A token that is always there. */
export interface TokenManager {
  /**
   * Returns the token: at once while it is valid, also while auth is unavailable; else as soon as it is fetched.
   *
   * @param options - the caller's own: it gives up alone, and the fetch goes on for the others.
   * @throws GatehouseError `client.token_refused`, `client.token_unreachable`,
   *   `client.token_malformed`, `client.clock_off`: there is none, and why.
   * @throws GatehouseError `client.token_late`, `common.cancelled`: the caller's own time or signal.
   */
  get(options?: WaitOptions): Promise<string>;
  /** Returns the token while it is valid; never fetches. */
  current(): string | undefined;
  /**
   * Says that a receiver rejected this token. Fetches another one if it is still the current one.
   *
   * @returns the current token: the very same one when a new one was fetched for that reason within
   *   the last 5 s, since then the token is not what the receiver minds.
   * @throws GatehouseError as {@link TokenManager.get}.
   */
  reject(token: string, options?: WaitOptions): Promise<string>;
  /** Ends what is in flight and the renewals. What is known serves until it ends. */
  close(): void;
}

const BACK_OFF = { firstMs: 200, maxMs: 5_000 };
const REISSUE_PAUSE_MS = 5_000;

/**
 * Makes a token manager. It fetches nothing until the first call, and then renews by itself until it is
 * closed. One fetch is in flight at a time. After a fetch that failed the next one waits 200 ms, doubling to
 * 5 s, of which half is chance; a call within that time gets the last error at once where there is no token.
 *
 * @example
 * ```ts
 * import { clientCredentialsToken, createTokenManager } from '@gatehouse/client';
 *
 * const tokens = createTokenManager({
 *   fetchToken: clientCredentialsToken({
 *     tokenUrl: 'https://auth.example.org/oauth2/token',
 *     clientId: 'core',
 *     clientSecret: 'only for this example',
 *   }),
 *   onEvent: (event) => console.log(event.type),
 * });
 * const token = await tokens.get({ timeoutMs: 1_000 });
 * ```
 */
export function createTokenManager(options: TokenManagerOptions): TokenManager {
  return new RenewedToken(options);
}

class RenewedToken implements TokenManager {
  readonly #options: Required<Omit<TokenManagerOptions, 'onEvent'>>;
  readonly #onEvent: (event: TokenEvent) => void;
  readonly #closing = new AbortController();
  #token: UsableToken | undefined;
  #inFlight: Promise<string> | undefined;
  #failures = 0;
  #lastError: GatehouseError | undefined;
  #nextAttemptMs = Number.NEGATIVE_INFINITY;
  #reissuedAtMs = Number.NEGATIVE_INFINITY;
  #callOff: () => void = () => undefined;

  constructor(options: TokenManagerOptions) {
    this.#options = {
      clock: systemClock,
      after: systemTimers,
      random: Math.random,
      fetchTimeoutMs: 10_000,
      clockToleranceMs: 60_000,
      ...options,
    };
    this.#onEvent = options.onEvent ?? (() => undefined);
  }

  current(): string | undefined {
    const token = this.#token;
    return token === undefined || token.expiresAtMs <= this.#nowMs() ? undefined : token.token;
  }

  async get(options: WaitOptions = {}): Promise<string> {
    const token = this.current();
    if (token === undefined) return await this.#fetched(options);
    // A timer does this too; it is late when the machine slept.
    if (this.#isDue()) this.#renewInBackground();
    return token;
  }

  async reject(token: string, options: WaitOptions = {}): Promise<string> {
    if (token !== this.#token?.token) return await this.get(options);
    const sinceMs = this.#nowMs() - this.#reissuedAtMs;
    if (sinceMs >= 0 && sinceMs < REISSUE_PAUSE_MS && this.#inFlight === undefined) return token;
    this.#reissuedAtMs = this.#nowMs();
    return await this.#fetched(options);
  }

  close(): void {
    this.#closing.abort();
    this.#callOff();
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #isDue(): boolean {
    const nowMs = this.#nowMs();
    return nowMs >= (this.#token?.renewAtMs ?? nowMs) && nowMs >= this.#nextAttemptMs;
  }

  #fetched(wait: WaitOptions): Promise<string> {
    if (this.#inFlight === undefined) {
      if (this.#closing.signal.aborted) throw commonErrors.CANCELLED();
      const leftMs = this.#nextAttemptMs - this.#nowMs();
      // The pause is bounded, so more is left only when the clock was set back.
      if (leftMs > 0 && leftMs <= BACK_OFF.maxMs)
        throw this.#lastError ?? clientErrors.TOKEN_UNREACHABLE();
    }
    return waitFor(this.#fetch(), wait, this.#options.after);
  }

  #renewInBackground(): void {
    if (this.#closing.signal.aborted) return;
    this.#fetch().catch(() => undefined);
  }

  #fetch(): Promise<string> {
    this.#inFlight ??= this.#fetchOnce().finally(() => {
      this.#inFlight = undefined;
      this.#schedule();
    });
    return this.#inFlight;
  }

  async #fetchOnce(): Promise<string> {
    const sentAtMs = this.#nowMs();
    try {
      const fetched = await this.#fetchInTime();
      const { clockToleranceMs: toleranceMs, random } = this.#options;
      const receivedAtMs = this.#nowMs();
      const times = { sentAtMs, receivedAtMs, toleranceMs, chance: random() };
      this.#token = usableToken(fetched, times);
      this.#failures = 0;
      this.#nextAttemptMs = Number.NEGATIVE_INFINITY;
      this.#tell({ type: 'issued', lifeMs: this.#token.expiresAtMs - sentAtMs });
      return this.#token.token;
    } catch (thrown) {
      throw this.#noteFailure(thrown);
    }
  }

  async #fetchInTime(): Promise<FetchedToken> {
    const { fetchToken, fetchTimeoutMs, after } = this.#options;
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, this.#closing.signal]);
    const wait = { signal: this.#closing.signal, timeoutMs: fetchTimeoutMs };
    try {
      return await waitFor(fetchToken(signal), wait, after);
    } finally {
      ending.abort();
    }
  }

  #noteFailure(thrown: unknown): GatehouseError {
    const error = this.#closing.signal.aborted ? commonErrors.CANCELLED() : errorOf(thrown);
    this.#failures += 1;
    const retryInMs = backOffMs(this.#failures, { ...BACK_OFF, random: this.#options.random });
    this.#lastError = error;
    this.#nextAttemptMs = this.#nowMs() + retryInMs;
    this.#tell({ type: 'failed', error, retryInMs, stillServing: this.current() !== undefined });
    return error;
  }

  #tell(event: TokenEvent): void {
    try {
      this.#onEvent(event);
    } catch {
      // A listener that fails must not end the renewals.
    }
  }

  #schedule(): void {
    this.#callOff();
    // With none to renew, the next caller fetches.
    if (this.#closing.signal.aborted || this.current() === undefined) return;
    const atMs = Math.max(this.#token?.renewAtMs ?? 0, this.#nextAttemptMs);
    const inMs = Math.max(0, atMs - this.#nowMs());
    this.#callOff = this.#options.after(inMs, () => this.#renewInBackground());
  }
}

const { TOKEN_REFUSED, TOKEN_UNREACHABLE, TOKEN_MALFORMED, CLOCK_OFF } = clientErrors;
const OWN_CODES: ReadonlySet<string> = new Set(
  [TOKEN_REFUSED, TOKEN_UNREACHABLE, TOKEN_MALFORMED, CLOCK_OFF].map((make) => make().code),
);

function errorOf(thrown: unknown): GatehouseError {
  const isOwn = thrown instanceof GatehouseError && OWN_CODES.has(thrown.code);
  return isOwn ? thrown : clientErrors.TOKEN_UNREACHABLE({ cause: thrown });
}
