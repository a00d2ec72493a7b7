import type { Handler, WireFaultHandler } from '../seam.ts';

/** A connection, for its listener. */
export interface Watched {
  /** Once a second. */
  onTick(nowMs: number): void;
  /** No request comes any more: it closes once its responses are out. */
  retire(): void;
}

/** What all connections of a listener share. */
export interface ConnectionShared {
  readonly handle: Handler;
  readonly wireFault: WireFaultHandler;
  readonly isDraining: () => boolean;
  /** Of the last tick. */
  nowMs: number;
  readonly connections: Set<Watched>;
}
