/** How long a connection may be quiet, and whether it was. */
import type { Socket } from 'node:net';

/** How long a connection may be quiet, by what it is waited for. */
const PATIENCE = {
  firstHeadMs: 10_000,
  /** From the first byte of a head to its last. */
  headMs: 10_000,
  idleMs: 30_000,
  stallMs: 60_000,
  /** For the client to read its last response, however much it still sends. */
  lingerMs: 2000,
} as const;

/** What a connection does. */
export interface Doing {
  readonly isResponding: boolean;
  readonly isLingering: boolean;
  /** Bytes of a next request are there. */
  readonly hasPending: boolean;
}

/** Looks after one connection. Times are those of the last tick, which comes once a second. */
export class Patience {
  readonly #socket: Socket;
  readonly #nowMs: () => number;
  #movedMs: number;
  #headSinceMs: number | undefined;
  #queued = 0;
  #served = false;
  /** While a request is being served. */
  stallMs: number = PATIENCE.stallMs;

  constructor(socket: Socket, nowMs: () => number) {
    this.#socket = socket;
    this.#nowMs = nowMs;
    this.#movedMs = nowMs();
  }

  /** Something moved. */
  touch(): void {
    this.#movedMs = this.#nowMs();
  }

  /** A head is there in part. */
  onPartOfHead(): void {
    this.#headSinceMs ??= this.#nowMs();
  }

  /** A head is there, or none is waited for any more. */
  onHead(): void {
    this.#headSinceMs = undefined;
  }

  onResponded(): void {
    this.#served = true;
    this.stallMs = PATIENCE.stallMs;
    this.touch();
  }

  /** @returns what has lasted too long; undefined: nothing. */
  verdict(nowMs: number, doing: Doing): 'head' | 'quiet' | undefined {
    if (this.#headSinceMs !== undefined) {
      return nowMs - this.#headSinceMs >= PATIENCE.headMs ? 'head' : undefined;
    }
    this.#lookAtQueue(nowMs);
    return nowMs - this.#movedMs >= this.#limitMs(doing) ? 'quiet' : undefined;
  }

  /** A client that reads slowly is told from one that does not read: less is waiting for it. */
  #lookAtQueue(nowMs: number): void {
    if (this.#socket.writableLength === 0) return;
    const queued = queuedBytes(this.#socket);
    if (queued !== this.#queued) this.#movedMs = nowMs;
    this.#queued = queued;
  }

  #limitMs({ isResponding, isLingering, hasPending }: Doing): number {
    if (isResponding) return this.stallMs;
    if (this.#socket.writableLength > 0) return PATIENCE.stallMs;
    if (isLingering) return PATIENCE.lingerMs;
    if (hasPending) return PATIENCE.stallMs;
    return this.#served ? PATIENCE.idleMs : PATIENCE.firstHeadMs;
  }
}

/** What the system has not taken yet of the piece that is being written. */
function queuedBytes(socket: Socket): number {
  // Node's own time-outs go by this undocumented count; what is documented moves with whole pieces. Under
  // TLS it is that of the connection beneath that moves.
  const { _handle: handle } = socket as {
    _handle?: (Handle & { readonly _parent?: Handle }) | null;
  };
  return (handle?._parent ?? handle)?.writeQueueSize ?? 0;
}

interface Handle {
  readonly writeQueueSize?: number;
}
