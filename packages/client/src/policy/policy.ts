/** How calls to one target are made, whatever they speak: one object for HTTP and for gRPC. */

/** Settings of the circuit breaker. */
export interface BreakerSettings {
  /** Opens at this share of calls that failed, 0 to 1. Default 0.5. */
  readonly failureRatio: number;
  /** Counts only so many calls and more within the window. Default 20. */
  readonly leastCalls: number;
  /** Default 10,000. */
  readonly windowMs: number;
  /** How long it stays open before it tries again. Default 2,000. */
  readonly openMs: number;
  /** So many calls at once try it, and so many must succeed in a row. Default 3. */
  readonly probes: number;
}

/** Settings of the retry budget. */
export interface BudgetSettings {
  /** Repeats for each call, on the average. Default 0.2. */
  readonly ratio: number;
  /** Repeats that are always allowed. Default 10 a second. */
  readonly leastPerSecond: number;
}

/** What all calls to one target go by. */
export interface CallPolicy {
  /** Longest duration of a call with its repeats; a shorter deadline around it counts. Default 5,000. */
  readonly timeoutMs: number;
  /** Longest wait for a service token; it is part of `timeoutMs`. Default 3,000. */
  readonly tokenTimeoutMs: number;
  /** How often a safe or keyed call is repeated. Default 1. */
  readonly repeats: number;
  readonly budget: BudgetSettings;
  readonly breaker: BreakerSettings;
}

/** A policy of which some things are said. */
export interface PartialPolicy extends Partial<Omit<CallPolicy, 'budget' | 'breaker'>> {
  readonly budget?: Partial<BudgetSettings>;
  readonly breaker?: Partial<BreakerSettings>;
}

/** The policy of a target for which nothing is said. */
export const DEFAULT_POLICY: CallPolicy = Object.freeze({
  timeoutMs: 5_000,
  tokenTimeoutMs: 3_000,
  repeats: 1,
  budget: Object.freeze({ ratio: 0.2, leastPerSecond: 10 }),
  breaker: Object.freeze({
    failureRatio: 0.5,
    leastCalls: 20,
    windowMs: 10_000,
    openMs: 2_000,
    probes: 3,
  }),
});

/** Fills in what is not said. */
export function policyFrom(partial: PartialPolicy = {}): CallPolicy {
  const { budget, breaker } = DEFAULT_POLICY;
  return {
    ...DEFAULT_POLICY,
    ...partial,
    budget: { ...budget, ...partial.budget },
    breaker: { ...breaker, ...partial.breaker },
  };
}
