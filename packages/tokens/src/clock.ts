/** The time, injected so that a test can set it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  nowMs(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = Object.freeze({ nowMs: () => Date.now() });
