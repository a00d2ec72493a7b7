/**
 * Coded errors, and how they look at the edge (problem+json) and inside (gRPC status numbers); states whose
 * illegal moves are such errors.
 * Imports nothing.
 */
export {
  commonErrors,
  defineErrors,
  type ErrorDefinition,
  type ErrorFactory,
  type ErrorOptions,
  errorCatalogue,
  type FieldViolation,
  GatehouseError,
  toGatehouseError,
} from './error.ts';
export { PROBLEM_CONTENT_TYPE, type Problem, toProblem } from './problem.ts';
export { defineStates, type Move, type States } from './states.ts';
export { type ErrorKind, isOurFault, KINDS, kindOfGrpcCode } from './status.ts';
