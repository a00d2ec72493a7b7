/**
 * The whole system as a program can start it: the command line, end-to-end tests, chaos and bench
 * use this alike.
 */
export { ROOT_SETTLE_MS, type RootStep, requestRootChange } from './ca/change-root.ts';
export { handOverSecret } from './clients/files.ts';
export { connectToAuth, connectToCore, OPERATOR, type OperatorTarget } from './clients/operator.ts';
export { openAuthKey } from './demo/auth-key.ts';
export { type DemoUser, readDemoUsers } from './demo/users.ts';
export { freeBlock, portsOf } from './discovery/discover.ts';
export type { Part } from './discovery/part.ts';
export { examine } from './doctor/examine.ts';
export type { Finding } from './doctor/finding.ts';
export { PlatformError } from './errors.ts';
export { writePrivate } from './files.ts';
export { layoutOf } from './layout.ts';
export { EDGE_AUDIENCE, POSTGRES, services, TRACES_PORT } from './parts.ts';
export {
  deletePlatformData,
  type PartStatus,
  type Platform,
  prepareSupervisorLog,
  startPlatform,
} from './supervisor/platform.ts';
export { takenPorts } from './supervisor/ports.ts';
export {
  type PartReport,
  type PlatformReport,
  reportOn,
  stopPlatform,
} from './supervisor/status.ts';
export type { PlatformOptions } from './supervisor/system.ts';
export type { AttributeValue, TraceSpan } from './traces/span.ts';
