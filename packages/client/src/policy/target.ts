/** What all calls to one target share. */
import {
  type Breaker,
  type BreakerState,
  createBreaker,
  createRetryBudget,
  type RetryBudget,
} from '@gatehouse/balance';
import { type Clock, systemClock } from '@gatehouse/tokens';
import type { TokenManager } from '../token/manager.ts';
import { type CallPolicy, type PartialPolicy, policyFrom } from './policy.ts';

/** How a target is called. */
export interface TargetOptions {
  /** Whose token goes with each call. Default: none does. */
  readonly tokens?: TokenManager;
  readonly policy?: PartialPolicy;
  readonly clock?: Clock;
  /** Told when the circuit breaker changes its mind, for logs and metrics. */
  readonly onBreaker?: (state: BreakerState) => void;
}

/** A target as its calls see it. */
export interface Target {
  readonly tokens: TokenManager | undefined;
  readonly policy: CallPolicy;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  readonly clock: Clock;
}

/** Makes the shared part of a target. */
export function createTarget(options: TargetOptions): Target {
  const { tokens, clock = systemClock, onBreaker } = options;
  const policy = policyFrom(options.policy);
  return {
    tokens,
    policy,
    clock,
    budget: createRetryBudget(policy.budget, clock),
    breaker: createBreaker({
      settings: policy.breaker,
      clock,
      ...(onBreaker === undefined ? {} : { onChange: onBreaker }),
    }),
  };
}
