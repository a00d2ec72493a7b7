/** Limits that are counted: so many in a window of time for a key, or so many at a time. */
export { limitedAddress, limitedNetworks } from './address.ts';
export {
  type BucketLimit,
  type BucketLimitOptions,
  createBucketLimit,
} from './bucket/bucket-limit.ts';
export { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency.ts';
export type { Limit, LimitSettings, LimitState } from './limit.ts';
export {
  createProcessLimit,
  type ProcessLimit,
  type ProcessLimitOptions,
} from './process-limit.ts';
export { createStoredLimit } from './stored-limit.ts';
