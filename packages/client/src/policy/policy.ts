/** How calls to one target are made, whatever they speak: one object for HTTP and for gRPC. */

import type { BreakerSettings, BudgetSettings } from '@gatehouse/balance';

/** What all calls to one target go by. */
export interface CallPolicy {
  /** Longest duration of a call with its retries; a shorter deadline around it counts. Default 5,000. */
  readonly timeoutMs: number;
  /** Longest wait for a service token; it is part of `timeoutMs`. Default 3,000. */
  readonly tokenTimeoutMs: number;
  /** How often a safe or keyed call is retried. Default 1. */
  readonly retries: number;
  /** Default: a ratio of 0.2, and 10 a second beside. */
  readonly budget: BudgetSettings;
  /** Default: opens at half of 20 calls or more within 10 s, for 2 s; 3 probes. */
  readonly breaker: BreakerSettings;
}

/** A policy of which some things are said. */
export interface PartialPolicy extends Partial<Omit<CallPolicy, 'budget' | 'breaker'>> {
  readonly budget?: Partial<BudgetSettings>;
  readonly breaker?: Partial<BreakerSettings>;
}

/** The policy of a target for which nothing is said. */
const DEFAULT_POLICY: CallPolicy = Object.freeze({
  timeoutMs: 5_000,
  tokenTimeoutMs: 3_000,
  retries: 1,
  budget: Object.freeze({ ratio: 0.2, minPerSecond: 10 }),
  breaker: Object.freeze({
    failureRatio: 0.5,
    minCalls: 20,
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
