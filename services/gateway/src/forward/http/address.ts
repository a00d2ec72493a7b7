/** One address of an upstream: its connections, and how well it is. */
import type { GatehouseError } from '@gatehouse/errors';
import type { UpstreamSettings } from '../../routes/http-route.ts';
import type { Pool, Waiter } from './pool.ts';
import type { Sweeper } from './sweeper.ts';
import type { AddressState } from './upstream-client.ts';

/** Statuses by which an upstream says that it cannot, just now. */
const CANNOT: ReadonlySet<number> = new Set([502, 503, 504]);

/** What an address goes by. */
export interface AddressOptions {
  /** `host:port`, as states and logs show it. */
  readonly label: string;
  readonly pool: Pool;
  readonly settings: Pick<UpstreamSettings, 'health' | 'slowStartMs'>;
  readonly sweeper: Sweeper;
  /** Whether it may be ejected: another address is well. */
  readonly mayEject: (address: Address) => boolean;
}

const FIRST_SHARE = 0.1;

/**
 * Counts failures, and keeps away from an address that has too many in a row: first for `ejectMs`,
 * then twice as long each time, up to `maxEjectMs`. One that comes back begins with a tenth of its
 * share and has all of it after `slowStartMs`; if its first request fails, it is ejected again.
 *
 * The last address that is well is never ejected.
 */
export class Address {
  readonly label: string;
  readonly #options: AddressOptions;
  #inFlight = 0;
  #failuresInARow = 0;
  #ejections = 0;
  #ejectedUntilMs = 0;
  #risesFromMs = Number.NEGATIVE_INFINITY;
  #healthy = true;
  #lastError: string | undefined;

  constructor(options: AddressOptions) {
    this.label = options.label;
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get pool(): Pool {
    return this.#options.pool;
  }

  /** Whether it is to get requests, as far as is known. */
  isWell(nowMs: number): boolean {
    return this.#healthy && nowMs >= this.#ejectedUntilMs;
  }

  /** Its part of what an address that is well gets: 0.1 to 1. */
  share(nowMs: number): number {
    const { slowStartMs } = this.#options.settings;
    const sinceMs = nowMs - this.#risesFromMs;
    if (sinceMs >= slowStartMs) return 1;
    return FIRST_SHARE + (1 - FIRST_SHARE) * (Math.max(0, sinceMs) / slowStartMs);
  }

  /** Gives it a request; `settle` must follow. */
  take(waiter: Waiter): void {
    this.#inFlight += 1;
    this.#options.pool.acquire(waiter);
  }

  /** The attempt has ended. */
  settle(): void {
    this.#inFlight -= 1;
  }

  /** It answered. That it cannot just now (502, 503, 504) counts as a failure. */
  noteStatus(status: number): void {
    if (CANNOT.has(status)) this.#noteBad(`status ${status}`);
    else this.#noteGood();
  }

  /** It gave no answer, or not all of one. */
  noteFault(error: GatehouseError): void {
    this.#noteBad(causeOf(error) ?? error.code);
  }

  /** The active check came to another opinion. */
  setHealthy(healthy: boolean): void {
    if (healthy === this.#healthy) return;
    this.#healthy = healthy;
    if (!healthy) return;
    this.#failuresInARow = 0;
    this.#ejectedUntilMs = 0;
    this.#risesFromMs = this.#options.sweeper.nowMs;
  }

  state(nowMs: number): AddressState {
    const { pool } = this.#options;
    return {
      address: this.label,
      health: this.#health(nowMs),
      ejectedForMs: Math.max(0, Math.round(this.#ejectedUntilMs - nowMs)),
      inFlight: this.#inFlight,
      waiting: pool.waiting,
      openConnections: pool.openConnections,
      idleConnections: pool.idleConnections,
      lastError: this.#lastError,
    };
  }

  #health(nowMs: number): AddressState['health'] {
    if (!this.#healthy) return 'unhealthy';
    if (nowMs < this.#ejectedUntilMs) return 'ejected';
    return this.share(nowMs) < 1 ? 'rising' : 'up';
  }

  #noteGood(): void {
    this.#failuresInARow = 0;
    if (this.#ejections > 0 && this.share(this.#options.sweeper.nowMs) === 1) this.#ejections = 0;
  }

  #noteBad(error: string): void {
    const { sweeper, mayEject, settings } = this.#options;
    const { consecutiveFailures, ejectMs, maxEjectMs } = settings.health.passive;
    const { nowMs } = sweeper;
    this.#lastError = error;
    this.#failuresInARow += 1;
    // What was under way when it was ejected says nothing new.
    if (this.#failuresInARow < consecutiveFailures || nowMs < this.#ejectedUntilMs) return;
    if (!mayEject(this)) return;
    const forMs = Math.min(maxEjectMs, ejectMs * 2 ** this.#ejections);
    this.#ejections += 1;
    this.#ejectedUntilMs = nowMs + forMs;
    this.#risesFromMs = this.#ejectedUntilMs;
    this.#failuresInARow = consecutiveFailures - 1;
  }
}

/** What the system said: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, … */
function causeOf({ cause }: GatehouseError): string | undefined {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
