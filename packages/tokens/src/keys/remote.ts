import { backOffMs } from '../back-off.ts';
import { type Clock, systemClock } from '../clock.ts';
import { JWK_SET, type KeyDocument, PUBLIC_KEY_TEXT } from './documents.ts';
import { type FetchDocument, fetchAccepting, fetchDocument } from './fetch-document.ts';
import type { KeySetReading } from './key-set.ts';
import { loadDocument } from './load.ts';
import type { KeySource, VerificationKey } from './types.ts';
import { safeUrl } from './url.ts';

/** What happened to a remote key set, for logs and metrics. Holds no key material. */
export type KeySetEvent =
  | { readonly type: 'refreshed'; readonly keys: number; readonly refused: readonly string[] }
  | { readonly type: 'failed'; readonly error: Error; readonly keys: number };

/** Where to fetch a key set, and how often. */
export interface RemoteKeySetOptions {
  /** `https:`; `http:` for a loopback address only. */
  readonly url: URL | string;
  /** Default: the global `fetch`. */
  readonly fetchDocument?: FetchDocument;
  readonly clock?: Clock;
  /** Least time between two attempts caused by unknown kids. Default 5 s. */
  readonly cooldownMs?: number;
  /** Time between two refreshes, less up to a tenth of it by chance. Default 5 min. */
  readonly refreshIntervalMs?: number;
  /** Longest use of the last good set while nothing newer can be had. Default 24 h. */
  readonly maxStaleMs?: number;
  /** Longest duration of one attempt. Default 5 s. */
  readonly timeoutMs?: number;
  /** Longest time that `refresh` keeps a request waiting; the attempt goes on. Default 1 s. */
  readonly maxWaitMs?: number;
  readonly onEvent?: (event: KeySetEvent) => void;
}

/** A key set that is fetched, and kept fresh in the background. */
export interface RemoteKeySet extends KeySource {
  /** Begins to keep the set fresh; resolves after the first attempt, good or not; never throws. */
  start(): Promise<void>;
  /**
   * Fetches again, whatever the cool-down: when keys are known to have changed. Resolves after an attempt
   * that began after this call; several calls share it. Never throws.
   */
  reload(): Promise<void>;
  /** Stops refreshing and ends an attempt in flight. What is known stays usable. */
  close(): void;
  /** Milliseconds since the last good fetch; Infinity before the first. */
  ageMs(): number;
}

/** Where keys come from, and in which form. */
interface KeysFrom {
  readonly url: URL;
  readonly document: KeyDocument;
}

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * Makes a key set that is fetched from a URL (RFC 7517, section 5).
 *
 * One attempt is in flight at a time. While attempts fail, they are repeated with jittered back-off
 * from 250 ms to 30 s, and the last good set is used until it is `maxStaleMs` old. A good document
 * replaces the set, also when it has fewer keys or none: that is how a key is revoked.
 *
 * Not checked: who answers, beyond what TLS and the URL say; use `fetchDocument` for mutual TLS.
 *
 * @throws TypeError when the URL is neither `https:` nor `http:` to a loopback address.
 *
 * @example
 * ```ts
 * import { createRemoteKeySet } from '@gatehouse/tokens';
 *
 * const keys = createRemoteKeySet({
 *   url: 'https://auth.example/.well-known/jwks.json',
 *   onEvent: (event) => {
 *     if (event.type === 'failed') console.warn(event.error.message);
 *   },
 * });
 * await keys.start();
 * export const isKnown = (kid: string) => keys.find(kid) !== undefined;
 * ```
 */
export function createRemoteKeySet(options: RemoteKeySetOptions): RemoteKeySet {
  return new FetchedKeySet(options, { url: safeUrl(options.url), document: JWK_SET });
}

/**
 * A single public key that is fetched from a URL as text (`text/plain`; base64 SPKI or PEM), for
 * `createSingleKeyVerifier`. As {@link createRemoteKeySet} otherwise; since no token names the key, a
 * signature that is not the key's takes the place of an unknown kid. A new key replaces the old one at
 * once.
 *
 * @throws TypeError as there.
 *
 * @example
 * ```ts
 * import { createRemotePublicKey, createSingleKeyVerifier } from '@gatehouse/tokens';
 *
 * const keys = createRemotePublicKey({ url: 'https://auth.example/msa/auth/api/public-key' });
 * void keys.start();
 * export const verifier = createSingleKeyVerifier({ issuer: 'msa-auth', keys });
 * ```
 */
export function createRemotePublicKey(options: RemoteKeySetOptions): RemoteKeySet {
  const fetchText = fetchAccepting(PUBLIC_KEY_TEXT.accept);
  return new FetchedKeySet(
    { fetchDocument: fetchText, ...options },
    { url: safeUrl(options.url), document: PUBLIC_KEY_TEXT },
  );
}

/** What is behind every key set that changes. Not exported from the package. */
export class FetchedKeySet implements RemoteKeySet {
  readonly #options: Required<Omit<RemoteKeySetOptions, 'onEvent' | 'url'>>;
  readonly #from: KeysFrom;
  readonly #onEvent: (event: KeySetEvent) => void;
  readonly #closing = new AbortController();
  #keys: KeySetReading['keys'] = new Map();
  #lastGoodMs = Number.NEGATIVE_INFINITY;
  #lastAttemptMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #inFlight: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #started = false;

  constructor(options: Omit<RemoteKeySetOptions, 'url'>, from: KeysFrom) {
    this.#from = from;
    this.#options = {
      fetchDocument,
      clock: systemClock,
      cooldownMs: 5_000,
      refreshIntervalMs: 300_000,
      maxStaleMs: 86_400_000,
      timeoutMs: 5_000,
      maxWaitMs: 1_000,
      ...options,
    };
    this.#onEvent = options.onEvent ?? (() => {});
  }

  get ready(): boolean {
    return this.#keys.size > 0 && !this.#isTooOld();
  }

  get lastRefreshFailed(): boolean {
    return this.#failures > 0;
  }

  get refreshing(): boolean {
    return this.#inFlight !== undefined;
  }

  find(kid: string): VerificationKey | undefined {
    const key = this.#keys.get(kid);
    return key === undefined || this.#isTooOld() ? undefined : key;
  }

  ageMs(): number {
    return this.#now() - this.#lastGoodMs;
  }

  start(): Promise<void> {
    this.#started = true;
    return this.#attempt();
  }

  refresh(): Promise<void> {
    const elapsedMs = this.#now() - this.#lastAttemptMs;
    // A clock that was set back must not stretch the cool-down.
    const cooling = elapsedMs >= 0 && elapsedMs < this.#options.cooldownMs;
    if (this.#inFlight === undefined && cooling) return Promise.resolve();
    return this.#waitFor(this.#attempt());
  }

  reload(): Promise<void> {
    const current = this.#inFlight;
    if (current === undefined) return this.#attempt();
    // The request in flight may predate the change: one more, shared by all callers.
    return current.then(() => this.#attempt());
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
  }

  #now(): number {
    return this.#options.clock.nowMs();
  }

  #isTooOld(): boolean {
    return this.ageMs() > this.#options.maxStaleMs;
  }

  #attempt(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    this.#inFlight ??= this.#load().finally(() => {
      this.#inFlight = undefined;
      this.#schedule();
    });
    return this.#inFlight;
  }

  async #load(): Promise<void> {
    this.#lastAttemptMs = this.#now();
    try {
      const { fetchDocument: fetchWith, timeoutMs } = this.#options;
      const { url, document } = this.#from;
      const { mediaType } = document;
      const signal = this.#closing.signal;
      const bytes = await loadDocument({ fetchWith, url, mediaType, timeoutMs, signal });
      const reading = document.read(bytes, this.#keys);
      this.#keys = reading.keys;
      this.#lastGoodMs = this.#lastAttemptMs;
      this.#failures = 0;
      this.#tell({ type: 'refreshed', keys: reading.keys.size, refused: reading.refused });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#failures++;
      this.#tell({ type: 'failed', error: asError(error), keys: this.#keys.size });
    }
  }

  #tell(event: KeySetEvent): void {
    try {
      this.#onEvent(event);
    } catch {
      // A listener that fails must not stop the keys from being refreshed.
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#started || this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#attempt(), this.#delayMs());
    this.#timer.unref();
  }

  #delayMs(): number {
    const { refreshIntervalMs } = this.#options;
    if (this.#failures === 0) return refreshIntervalMs * (1 - Math.random() / 10);
    const maxMs = Math.min(MAX_RETRY_MS, refreshIntervalMs);
    return backOffMs(this.#failures, { firstMs: FIRST_RETRY_MS, maxMs });
  }

  /** The attempt, or the longest wait: keys never block a request. */
  async #waitFor(attempt: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.maxWaitMs);
      timer.unref();
    });
    await Promise.race([attempt, tooLong]);
    clearTimeout(timer);
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('the fetch failed', { cause: thrown });
}
