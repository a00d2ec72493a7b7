/** The connections to one address, and the requests that wait for one. */
import { edgeErrors } from '../../errors.ts';
import { Connection, type ConnectionOwner, type Target } from './connection.ts';
import { busy } from './faults.ts';
import type { Job } from './job.ts';
import type { Sweeper, Watched } from './sweeper.ts';

/** A request that wants a connection. */
export interface Waiter extends Job {
  /** It changes nothing, so that it may be sent again when a connection turns out to be closed. */
  readonly safe: boolean;
  /** A connection that served before was closed beneath it: it wants a new one. */
  readonly wantsNew: boolean;
  /** It has a connection now, and is sent. Where there is none: `onFault`; it waits no longer. */
  onConnection(connection: Connection): void;
}

/** What a pool goes by. */
export interface PoolOptions {
  /** Asked for each new connection. */
  readonly target: () => Target;
  readonly maxConnections: number;
  readonly keepAliveMs: number;
  readonly sweeper: Sweeper;
}

const MAX_WAITING = 1024;
/** An upstream closes at its own time; what we send must not meet that on its way. */
const KEEP_ALIVE_MARGIN_MS = 1000;
/** How long a connection may have been idle for a request that cannot be sent twice. */
const UNSAFE_IDLE_MS = 1000;
/** After which such a request first looks whether the connection was closed. */
const CAREFUL_IDLE_MS = 50;

/**
 * One request per connection at a time. The connection used last is used next, so that the others
 * grow old and are closed; one that is idle and says anything is closed at once.
 *
 * A connection is given up after `keepAliveMs` without use, or one second before the end of the
 * upstream's own `Keep-Alive: timeout`. What is left of the race on idle close: a safe request is sent
 * again on a new connection; any other is given only a connection that was used within the last
 * second and that the kernel knows no end of.
 */
export class Pool implements ConnectionOwner, Watched {
  watchedAt = -1;
  readonly #options: PoolOptions;
  readonly #open = new Set<Connection>();
  readonly #opening = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  /** Connections that are made for one waiter, which will keep the socket. */
  readonly #reserved = new Map<Connection, Waiter>();
  #draining = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get openConnections(): number {
    return this.#open.size;
  }

  get idleConnections(): number {
    return this.#idle.length;
  }

  get waiting(): number {
    return this.#waiting.length + this.#reserved.size;
  }

  /** Whether connections are being made; if none is, who waits does so for others to finish. */
  get connects(): boolean {
    return this.#opening.size > 0;
  }

  /** Gives the waiter a connection, now or later. Calls it back before it returns where one is idle. */
  acquire(waiter: Waiter): void {
    if (waiter.request.upgrade !== undefined) {
      this.#reserve(waiter);
      return;
    }
    const connection = waiter.wantsNew ? undefined : this.#takeIdle(waiter.safe);
    if (connection !== undefined) {
      this.#give(connection, waiter);
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      waiter.onFault(busy());
      return;
    }
    this.#makeRoom();
    this.#waiting.push(waiter);
    this.#fill();
  }

  /** It no longer waits. A connection that was being made for it is given up. */
  cancel(waiter: Waiter): void {
    const index = this.#waiting.indexOf(waiter);
    if (index < 0) {
      for (const [connection, owner] of this.#reserved) if (owner === waiter) connection.destroy();
      return;
    }
    this.#waiting.splice(index, 1);
    for (const connection of this.#opening) {
      if (this.#opening.size <= this.#waiting.length) return;
      this.#opening.delete(connection);
      connection.destroy();
    }
  }

  /** Closes what is idle, and each other connection when its request has ended. */
  drain(): void {
    this.#draining = true;
    this.#closeIdle(this.#idle.length);
  }

  /** Closes all idle connections: the next ones are made with the target as it is then. */
  renew(): void {
    this.#closeIdle(this.#idle.length);
  }

  onTick(nowMs: number): void {
    let expired = 0;
    for (const connection of this.#idle) {
      if (nowMs < this.#expiresAtMs(connection)) break;
      expired += 1;
    }
    this.#closeIdle(expired);
  }

  onReady(connection: Connection): void {
    const owner = this.#reserved.get(connection);
    this.#reserved.delete(connection);
    this.#opening.delete(connection);
    if (owner === undefined) this.#serve(connection);
    else this.#give(connection, owner);
  }

  onFree(connection: Connection): void {
    connection.idleSinceMs = this.#options.sweeper.nowMs;
    this.#serve(connection);
  }

  onGone(connection: Connection, cause: Error | undefined): void {
    this.#open.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#idle.length === 0) this.#options.sweeper.remove(this);
    const wasOpening = this.#opening.delete(connection);
    const owner = this.#reserved.get(connection);
    this.#reserved.delete(connection);
    const waiter = owner ?? (wasOpening ? this.#waiting.shift() : undefined);
    if (waiter !== undefined) {
      const error = edgeErrors.UPSTREAM_AWAY({ cause, retryAfterSeconds: 1 });
      waiter.onFault({ kind: 'refused', error });
    }
    this.#fill();
  }

  #reserve(waiter: Waiter): void {
    this.#makeRoom();
    if (this.#open.size >= this.#options.maxConnections) {
      waiter.onFault(busy());
      return;
    }
    this.#reserved.set(this.#connect(true), waiter);
  }

  #connect(forUpgrade: boolean): Connection {
    const connection = new Connection(this.#options.target(), this, forUpgrade);
    this.#open.add(connection);
    if (!forUpgrade) this.#opening.add(connection);
    return connection;
  }

  /** Where all connections are there and one is idle that will not do, it makes way for a new one. */
  #makeRoom(): void {
    if (this.#open.size >= this.#options.maxConnections) this.#idle[0]?.destroy();
  }

  /** Makes as many connections as there are waiters without one, within the limit. */
  #fill(): void {
    while (
      this.#opening.size < this.#waiting.length &&
      this.#open.size < this.#options.maxConnections
    ) {
      this.#connect(false);
    }
  }

  #serve(connection: Connection): void {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      this.#give(connection, waiter);
      return;
    }
    const { sweeper } = this.#options;
    connection.idleSinceMs = sweeper.nowMs;
    if (this.#draining || this.#expiresAtMs(connection) <= sweeper.nowMs) {
      connection.destroy();
      return;
    }
    this.#idle.push(connection);
    if (this.#idle.length === 1) sweeper.add(this);
  }

  #give(connection: Connection, waiter: Waiter): void {
    const idleMs = this.#options.sweeper.nowMs - connection.idleSinceMs;
    const careful = connection.idleSinceMs > 0 && !waiter.safe && idleMs >= CAREFUL_IDLE_MS;
    waiter.onConnection(connection);
    connection.run(waiter, careful);
  }

  #takeIdle(safe: boolean): Connection | undefined {
    const connection = this.#idle.at(-1);
    if (connection === undefined) return undefined;
    const { nowMs } = this.#options.sweeper;
    if (nowMs >= this.#expiresAtMs(connection)) {
      // The others were used even longer ago.
      this.#closeIdle(this.#idle.length);
      return undefined;
    }
    if (!safe && nowMs - connection.idleSinceMs >= UNSAFE_IDLE_MS) return undefined;
    this.#idle.pop();
    if (this.#idle.length === 0) this.#options.sweeper.remove(this);
    return connection;
  }

  #expiresAtMs(connection: Connection): number {
    const hintMs = connection.keepAliveHintMs;
    const ownMs = this.#options.keepAliveMs;
    const forMs = hintMs === undefined ? ownMs : Math.min(ownMs, hintMs - KEEP_ALIVE_MARGIN_MS);
    return connection.idleSinceMs + forMs;
  }

  #closeIdle(count: number): void {
    for (const connection of this.#idle.slice(0, count)) connection.destroy();
  }
}
