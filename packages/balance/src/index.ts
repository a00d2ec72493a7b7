/**
 * Which endpoint of a service gets the next request, how often a request may be retried, and when a
 * target is left alone. Used by the gateway and by the clients of services; knows no protocol.
 */
export { Balancer, type BalancerOptions } from './balancer.ts';
export {
  type Breaker,
  type BreakerOptions,
  type BreakerSettings,
  type BreakerState,
  createBreaker,
} from './breaker.ts';
export {
  DEFAULT_EJECTION,
  type EjectionSettings,
  Endpoint,
  type EndpointHealth,
} from './endpoint.ts';
export { mayRetryElsewhere, type Outcome, outcomeOf } from './outcome.ts';
export { type BudgetSettings, createRetryBudget, type RetryBudget } from './retry-budget.ts';
