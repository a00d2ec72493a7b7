/**
 * Calls to other services: the service token behind them, kept fresh for all callers, and by which
 * policy a call is made. What needs grpc-js is under `@gatehouse/client/grpc`.
 */
export type { BreakerState } from '@gatehouse/balance';
export { clientErrors } from './errors.ts';
export {
  currentFlow,
  currentPassport,
  type Flow,
  inThisFlow,
  withFlow,
  withoutDeadline,
  withPassport,
} from './flow.ts';
export type { HttpPeer } from './http/connections.ts';
export type { HttpBody } from './http/exchange.ts';
export {
  createExecutor,
  type ExecutorOptions,
  type InterServerExecutor,
} from './http/executor.ts';
export { deadlineFrom, KEY_HEADER, PASSPORT_HEADER, TIMEOUT_HEADER } from './http/headers.ts';
export {
  createHttpTarget,
  type HttpInit,
  type HttpTarget,
  type HttpTargetOptions,
  type PassportUse,
} from './http/target.ts';
export type { CallPolicy, PartialPolicy } from './policy/policy.ts';
export type { TargetOptions } from './policy/target.ts';
export { markFailed } from './span.ts';
export { type After, systemTimers } from './timers.ts';
export {
  type ClientCredentialsOptions,
  type ClientProof,
  clientCredentialsToken,
} from './token/client-credentials.ts';
export type { FetchedToken } from './token/life.ts';
export {
  createTokenManager,
  type FetchToken,
  type TokenEvent,
  type TokenManager,
  type TokenManagerOptions,
} from './token/manager.ts';
export { type OriginalWireOptions, originalWireToken } from './token/original-wire.ts';
export { type Secret, secretFromFile } from './token/secret.ts';
export type { WaitOptions } from './token/wait.ts';
