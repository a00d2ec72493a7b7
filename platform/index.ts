/**
 * The whole system as a program can start it: the command line, end-to-end tests, chaos and bench
 * use this alike.
 */
export { openAuthKey } from './demo/auth-key.ts';
export type { DemoUser } from './demo/users.ts';
export { PlatformError } from './errors.ts';
export { EDGE_AUDIENCE, type Part, POSTGRES, SERVICES, TRACES_PORT } from './parts.ts';
export {
  deletePlatformData,
  type PartStatus,
  type Platform,
  startPlatform,
} from './supervisor/platform.ts';
export type { PlatformOptions } from './supervisor/system.ts';
export type { AttributeValue, TraceSpan } from './traces/span.ts';
