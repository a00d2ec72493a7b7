/** One endpoint of a service, and how well it is. */
import type { Outcome } from './outcome.ts';

/** When an endpoint is left alone, and how it comes back. */
export interface EjectionSettings {
  /** So many bad calls in a row eject it. Default 5. */
  readonly consecutiveFailures: number;
  /** Length of the first ejection; each next one is twice as long. Default 2,000. */
  readonly ejectMs: number;
  /** Longest ejection. Default 30,000. */
  readonly maxEjectMs: number;
  /** How long its share rises when it comes back. Default 10,000. */
  readonly slowStartMs: number;
}

export const DEFAULT_EJECTION: EjectionSettings = Object.freeze({
  consecutiveFailures: 5,
  ejectMs: 2_000,
  maxEjectMs: 30_000,
  slowStartMs: 10_000,
});

/** `rising`: it came back, and has not its full share yet. `unhealthy`: an active check says so. */
export type EndpointHealth = 'up' | 'rising' | 'ejected' | 'unhealthy';

/** What an endpoint asks of its balancer. */
export interface EndpointHost<Target> {
  readonly ejection: EjectionSettings;
  nowMs(): number;
  mayEject(endpoint: Endpoint<Target>): boolean;
}

const FIRST_SHARE = 0.1;
// A tenth that is added ten times is a little less than one.
const WHOLE = 1 - 1e-9;

/**
 * Counts failures in a row. Too many eject the endpoint: first for `ejectMs`, then twice as long each
 * time, up to `maxEjectMs`. One that comes back begins with a tenth of its share and has all of it
 * after `slowStartMs`; if its first call fails, it is ejected again.
 *
 * Made by a `Balancer`. Times are of the balancer's clock.
 */
export class Endpoint<Target> {
  readonly target: Target;
  readonly #host: EndpointHost<Target>;
  #inFlight = 0;
  #failuresInARow = 0;
  #ejections = 0;
  #ejectedUntilMs = Number.NEGATIVE_INFINITY;
  #risesFromMs = Number.NEGATIVE_INFINITY;
  #healthy = true;
  #up = false;
  #credit = 0;

  constructor(target: Target, host: EndpointHost<Target>) {
    this.target = target;
    this.#host = host;
  }

  /** Calls that were given to it and have not ended. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether it was up when the balancer looked last. */
  get up(): boolean {
    return this.#up;
  }

  /** Whether it is to get calls, as far as its calls and checks say. */
  isWell(nowMs: number): boolean {
    return this.#healthy && nowMs >= this.#ejectedUntilMs;
  }

  /** Gives it a call. `settle` or `end` must follow once. */
  begin(): void {
    this.#inFlight += 1;
  }

  /** The call has ended, and so it went. */
  settle(outcome: Outcome): void {
    this.end();
    this.note(outcome);
  }

  /** The call has ended; `note` told how it went, or nothing is to be said. */
  end(): void {
    this.#inFlight -= 1;
  }

  /** Counts how a call went, which may still be in flight. */
  note(outcome: Outcome): void {
    if (outcome === 'bad') this.#noteBad();
    if (outcome === 'good') this.#noteGood();
  }

  /** Takes up what an active check says. One that is healthy again is not ejected any more. */
  setHealthy(healthy: boolean): void {
    if (healthy === this.#healthy) return;
    this.#healthy = healthy;
    if (!healthy) return;
    this.#ejectedUntilMs = Number.NEGATIVE_INFINITY;
    this.#rise(this.#host.nowMs());
  }

  /**
   * Takes up whether it is connected.
   *
   * @param rises - it comes up beside others that work, and so begins slowly.
   */
  setUp(up: boolean, rises: boolean): void {
    const arrives = up && !this.#up;
    this.#up = up;
    if (arrives) this.#rise(rises ? this.#host.nowMs() : Number.NEGATIVE_INFINITY);
  }

  /** Its part of what an endpoint that is well gets: 0.1 to 1. */
  share(nowMs: number): number {
    const { slowStartMs } = this.#host.ejection;
    const sinceMs = nowMs - this.#risesFromMs;
    if (sinceMs >= slowStartMs) return 1;
    return FIRST_SHARE + (1 - FIRST_SHARE) * (Math.max(0, sinceMs) / slowStartMs);
  }

  /** Whether it is considered for this call: every time, or while its share rises, by that share. */
  draws(nowMs: number): boolean {
    const share = this.share(nowMs);
    if (share === 1) return true;
    // What was saved up while others had fewer calls is worth one more call, not a burst of them.
    this.#credit = Math.min(2, this.#credit + share);
    return this.#credit >= WHOLE;
  }

  /** It was chosen by what `draws` said. */
  spendCredit(): void {
    if (this.#credit > 0) this.#credit = Math.max(0, this.#credit - 1);
  }

  health(nowMs: number): EndpointHealth {
    if (!this.#healthy) return 'unhealthy';
    if (nowMs < this.#ejectedUntilMs) return 'ejected';
    return this.share(nowMs) < 1 ? 'rising' : 'up';
  }

  /** For how long it is still ejected; 0 when it is not. */
  ejectedForMs(nowMs: number): number {
    return Math.max(0, Math.round(this.#ejectedUntilMs - nowMs));
  }

  #noteGood(): void {
    this.#failuresInARow = 0;
    if (this.#ejections > 0 && this.share(this.#host.nowMs()) === 1) this.#ejections = 0;
  }

  #noteBad(): void {
    const { consecutiveFailures, ejectMs, maxEjectMs } = this.#host.ejection;
    const nowMs = this.#host.nowMs();
    this.#failuresInARow += 1;
    // What was in flight when it was ejected says nothing new.
    if (this.#failuresInARow < consecutiveFailures || nowMs < this.#ejectedUntilMs) return;
    if (!this.#host.mayEject(this)) return;
    this.#ejectedUntilMs = nowMs + Math.min(maxEjectMs, ejectMs * 2 ** this.#ejections);
    this.#ejections += 1;
    this.#rise(this.#ejectedUntilMs);
    this.#failuresInARow = consecutiveFailures - 1;
  }

  #rise(fromMs: number): void {
    this.#failuresInARow = 0;
    this.#credit = 0;
    this.#risesFromMs = fromMs;
  }
}
