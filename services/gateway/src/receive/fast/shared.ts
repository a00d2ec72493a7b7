import type { Socket } from 'node:net';
import type { Handler, WireFaultHandler } from '../seam.ts';

/** A connection, for its listener. */
export interface Watched {
  /** Whether nothing is being answered. */
  readonly idle: boolean;
  /** Once a second. */
  onTick(nowMs: number): void;
  destroy(): void;
}

/** What all connections of a listener share. */
export interface ConnectionShared {
  readonly handle: Handler;
  readonly wireFault: WireFaultHandler;
  readonly isDraining: () => boolean;
  /** Of the last tick. */
  nowMs: number;
  readonly connections: Set<Watched>;
  readonly upgraded: Set<Socket>;
}

/** How long a connection may be quiet, by what it is waited for. */
export const PATIENCE = {
  firstHeadMs: 10_000,
  /** From the first byte of a head to its last. */
  headMs: 10_000,
  idleMs: 30_000,
  stallMs: 60_000,
  /** For the client to read its last answer while it still sends. */
  lingerMs: 2000,
} as const;
