import { backOffMs } from '../back-off.ts';
import { type Clock, systemClock } from '../clock.ts';
import { decodeUnverified } from './decode.ts';
import { lifetimeOf } from './expiry.ts';

/** How a keeper gets its tokens. */
export interface TokenKeeperOptions {
  /**
   * Fetches an access token that is made for this very call: by a refresh token in a cookie, say.
   * Should end when the signal aborts.
   */
  readonly fetchToken: (signal: AbortSignal) => Promise<string>;
  readonly clock?: Clock;
  /** How long before its end a token is replaced; at most half its life. Default 60 s. */
  readonly aheadMs?: number;
  /** Longest duration of one fetch. Default 10 s. */
  readonly timeoutMs?: number;
  /** Told of each fetch that failed. What it throws is ignored. */
  readonly onFailed?: (error: unknown) => void;
}

/** Keeps a good access token at hand. */
export interface TokenKeeper {
  /**
   * A good token: at once while there is one, else after a fetch that all callers share.
   *
   * After a fetch that failed, callers get its error until the next is due: 1 s later, then 2 s, up
   * to 30 s.
   *
   * @throws what `fetchToken` throws, when it fails and there is no valid token.
   * @throws TokenError when what it gives is no token with `iat` and `exp`.
   * @throws Error when it takes too long, or the keeper was closed.
   */
  token(): Promise<string>;
  /**
   * Another token, after a server answered 401 to this one. If it was replaced meanwhile, nothing is
   * fetched. Throws as {@link token}.
   */
  replace(rejected: string): Promise<string>;
  /** Removes the token and stops: for sign-out. */
  close(): void;
}

interface Kept {
  readonly token: string;
  /** In our own time, measured from before the fetch: the issuer's clock does not matter. */
  readonly fromMs: number;
  readonly renewMs: number;
  readonly untilMs: number;
}

const DEFAULT_AHEAD_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 10_000;
// Nothing random: it is asked for more than once between two attempts.
const BACK_OFF = { firstMs: 1_000, maxMs: 30_000, random: () => 1 };
/** Longest delay that browsers take; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Makes a keeper. It replaces the token a little ahead of its end, in the background; one fetch is in
 * flight at a time. How long a token lives is taken from `exp - iat` and our own clock at the fetch,
 * so that a wrong clock does no harm. A tab that slept finds out at the next call of `token`, as no
 * timer runs in its sleep; a clock that was set back makes the token be replaced.
 *
 * Not checked: the token's signature, nor whether it was revoked. Tabs do not share a token.
 */
export function createTokenKeeper(options: TokenKeeperOptions): TokenKeeper {
  return new Keeper(options);
}

class Keeper implements TokenKeeper {
  readonly #options: TokenKeeperOptions;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #kept: Kept | undefined;
  #inFlight: Promise<string> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #failure: { readonly error: unknown; readonly atMs: number } | undefined;

  constructor(options: TokenKeeperOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async token(): Promise<string> {
    if (this.#closing.signal.aborted) throw new Error('the keeper is closed');
    const nowMs = this.#clock.nowMs();
    const kept = this.#kept;
    if (kept === undefined || nowMs < kept.fromMs || nowMs >= kept.untilMs) {
      return await this.#fetch();
    }
    // Not waited for: the token is good. What goes wrong is told by onFailed.
    if (nowMs >= kept.renewMs) this.#fetch().catch(() => {});
    return kept.token;
  }

  async replace(rejected: string): Promise<string> {
    if (this.#kept?.token === rejected) this.#kept = undefined;
    return await this.token();
  }

  close(): void {
    this.#kept = undefined;
    clearTimeout(this.#timer);
    this.#closing.abort(new Error('the keeper was closed'));
  }

  /** The one fetch in flight, or a new one, or the last failure while it is too early for another. */
  async #fetch(): Promise<string> {
    if (this.#inFlight === undefined && this.#failure !== undefined) {
      const elapsedMs = this.#clock.nowMs() - this.#failure.atMs;
      // A clock that was set back must not stretch the wait.
      if (elapsedMs >= 0 && elapsedMs < this.#retryMs()) throw this.#failure.error;
    }
    this.#inFlight ??= this.#load().finally(() => {
      this.#inFlight = undefined;
      this.#schedule();
    });
    return await this.#inFlight;
  }

  async #load(): Promise<string> {
    const fromMs = this.#clock.nowMs();
    try {
      const token = await this.#fetchInTime();
      // Measured after all that can fail, so that what is kept is whole.
      this.#kept = this.#keep(token, fromMs);
      this.#failures = 0;
      this.#failure = undefined;
      return token;
    } catch (error) {
      if (this.#closing.signal.aborted) throw error;
      this.#failures++;
      this.#failure = { error, atMs: this.#clock.nowMs() };
      this.#tell(error);
      throw error;
    }
  }

  async #fetchInTime(): Promise<string> {
    const ending = new AbortController();
    const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const late = setTimeout(() => ending.abort(new Error('no token came in time')), timeoutMs);
    const signal = AbortSignal.any([ending.signal, this.#closing.signal]);
    try {
      // Raced, since a connection that died in a sleep may heed no signal.
      return await Promise.race([this.#options.fetchToken(signal), whenAborted(signal)]);
    } finally {
      clearTimeout(late);
    }
  }

  #keep(token: string, fromMs: number): Kept {
    const { issuedAtMs, expiresAtMs } = lifetimeOf(decodeUnverified(token));
    const lifeMs = expiresAtMs - issuedAtMs;
    const untilMs = fromMs + lifeMs;
    const aheadMs = Math.min(this.#options.aheadMs ?? DEFAULT_AHEAD_MS, lifeMs / 2);
    return { token, fromMs, renewMs: untilMs - aheadMs, untilMs };
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted || this.#kept === undefined) return;
    const dueMs = this.#kept.renewMs - this.#clock.nowMs();
    const delayMs = this.#failure === undefined ? dueMs : Math.max(dueMs, this.#retryMs());
    // Once past its end, only a caller makes it worth a fetch.
    if (this.#failure !== undefined && this.#clock.nowMs() >= this.#kept.untilMs) return;
    this.#timer = setTimeout(
      () => void this.token().catch(() => {}),
      Math.min(Math.max(delayMs, 0), MAX_TIMER_MS),
    );
  }

  #retryMs(): number {
    return backOffMs(this.#failures, BACK_OFF);
  }

  #tell(error: unknown): void {
    try {
      this.#options.onFailed?.(error);
    } catch {
      // A listener that fails must not stop the token from being replaced.
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const refuse = () => reject(signal.reason as Error);
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}
