/** Checks an address by requests of its own. */
import { type ResponseHead, requestHead } from '@gatehouse/wire';
import type { ActiveHealth } from '../../route/http-route.ts';
import { Connection, type ConnectionOwner, type Target } from './connection.ts';
import type { Job } from './job.ts';
import type { Sweeper, Watched } from './sweeper.ts';
import type { UpstreamRequest } from './upstream-client.ts';

/** What a check goes by. */
export interface HealthCheckOptions {
  readonly settings: ActiveHealth;
  /** For the `Host` of the check. */
  readonly authority: string;
  readonly target: () => Target;
  readonly sweeper: Sweeper;
  readonly onHealth: (healthy: boolean) => void;
  readonly random?: () => number;
}

const JITTER = 0.2;

/**
 * One GET after the other, each on a connection of its own, so that it also shows whether connections
 * can be made. A response from 200 to 399 in time is a good one; so many good or bad ones in a row
 * change the verdict. The interval varies by a fifth, so that many gateways do not check at once.
 */
export class HealthCheck implements Watched {
  watchedAt = -1;
  readonly #options: HealthCheckOptions;
  #probe: Probe | undefined;
  #startedMs = 0;
  #nextMs: number;
  #healthy = true;
  #otherwiseInARow = 0;

  /** The first check is made within the first interval. */
  constructor(options: HealthCheckOptions) {
    this.#options = options;
    const { random = Math.random, sweeper, settings } = options;
    this.#nextMs = sweeper.nowMs + random() * settings.intervalMs;
    sweeper.add(this);
  }

  close(): void {
    this.#options.sweeper.remove(this);
    this.#probe?.close();
    this.#probe = undefined;
  }

  onTick(nowMs: number): void {
    const { settings, random = Math.random } = this.#options;
    if (this.#probe !== undefined) {
      if (nowMs - this.#startedMs >= settings.timeoutMs) this.#onResult(this.#probe, false);
      return;
    }
    if (nowMs < this.#nextMs) return;
    this.#startedMs = nowMs;
    this.#nextMs = nowMs + settings.intervalMs * (1 + JITTER * (2 * random() - 1));
    this.#probe = new Probe(this.#options, (probe, good) => this.#onResult(probe, good));
  }

  #onResult(probe: Probe, good: boolean): void {
    if (probe !== this.#probe) return;
    this.#probe = undefined;
    probe.close();
    if (good === this.#healthy) {
      this.#otherwiseInARow = 0;
      return;
    }
    this.#otherwiseInARow += 1;
    const { healthyAfter, unhealthyAfter } = this.#options.settings;
    if (this.#otherwiseInARow < (good ? healthyAfter : unhealthyAfter)) return;
    this.#otherwiseInARow = 0;
    this.#healthy = good;
    this.#options.onHealth(good);
  }
}

/** One check. */
class Probe implements ConnectionOwner, Job {
  readonly request: UpstreamRequest;
  readonly head: string;
  readonly #connection: Connection;
  readonly #onResult: (probe: Probe, good: boolean) => void;

  constructor(options: HealthCheckOptions, onResult: (probe: Probe, good: boolean) => void) {
    const { settings, authority } = options;
    const { timeoutMs } = settings;
    this.request = {
      method: 'GET',
      target: settings.path,
      headers: ['Host', authority, 'User-Agent', 'gatehouse-gateway', 'Accept', '*/*'],
      body: undefined,
      expectContinue: false,
      upgrade: undefined,
      timeouts: {
        connectMs: timeoutMs,
        firstByteMs: timeoutMs,
        idleMs: timeoutMs,
        totalMs: timeoutMs,
      },
      retries: 0,
    };
    this.head = requestHead(this.request);
    this.#onResult = onResult;
    this.#connection = new Connection(options.target(), this, false);
  }

  close(): void {
    this.#connection.destroy();
  }

  onReady(connection: Connection): void {
    connection.run(this, false);
  }

  onHead({ status }: ResponseHead): void {
    this.#onResult(this, status >= 200 && status <= 399);
  }

  onFault(): void {
    this.#onResult(this, false);
  }

  onGone(): void {
    this.#onResult(this, false);
  }

  onUpgrade(): void {
    this.#onResult(this, false);
  }

  // The rest says nothing about health.
  onData(): boolean {
    return true;
  }
  onFree(): void {}
  onInformational(): void {}
  onMoved(): void {}
  onSent(): void {}
  onEnd(): void {}
}
