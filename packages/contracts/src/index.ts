/**
 * The contracts of the platform as data: each method with its path, access rule and fields.
 * Generated messages are under `@gatehouse/contracts/gen/…`; the grpc-js binding under `/grpc`.
 */
export { messageOf } from './message.ts';
export {
  contractsOf,
  type HttpBinding,
  METHODS,
  type MethodContract,
  SCOPES,
  SERVICES,
} from './methods.ts';
export { type AccessRule, ANY_WORKLOAD, readRule } from './rule.ts';
export { isSafe } from './safe.ts';
export { BUILT_IN_ROLES, type BuiltInRole, type ScopeContract, scopesOfRole } from './scopes.ts';
