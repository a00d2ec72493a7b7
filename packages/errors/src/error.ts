import { type ErrorKind, KINDS } from './status.ts';

/** One member of the input that is wrong. */
export interface FieldViolation {
  /** JSON Pointer into the request (RFC 6901), in the spelling that the client sent: `/title`. */
  readonly pointer: string;
  /** What is wrong and how to mend it; never the value itself. */
  readonly detail: string;
}

/** What an error may carry beside its kind, code and message. */
export interface ErrorOptions {
  /** The members at fault, for `INVALID_ARGUMENT`. */
  readonly fields?: readonly FieldViolation[];
  /** Seconds after which a repeat may succeed, for `UNAVAILABLE` and `RESOURCE_EXHAUSTED`. */
  readonly retryAfterSeconds?: number;
  /** What happened underneath. Logged by the edge that responds, never sent to a caller. */
  readonly cause?: unknown;
}

/**
 * The one error that crosses a boundary of Gatehouse: a kind that decides the status, a stable code
 * that programs compare, and a message for people.
 *
 * The message leaves the process. It holds no token, no secret, and nothing from which a caller
 * could tell whether another person's account exists; those belong in `cause`.
 */
export class GatehouseError extends Error {
  override readonly name = 'GatehouseError';
  readonly kind: ErrorKind;
  /** Stable, dotted, lower case: `auth.email_taken`. */
  readonly code: string;
  readonly fields: readonly FieldViolation[];
  readonly retryAfterSeconds: number | undefined;

  constructor(definition: ErrorDefinition, options: ErrorOptions = {}) {
    const { stackTraceLimit } = Error;
    // A limit is reached thousands of times a second, and its stack would cost more than all else of it.
    const isStackless = definition.kind === 'RESOURCE_EXHAUSTED';
    if (isStackless) Error.stackTraceLimit = 0;
    super(definition.message, options.cause === undefined ? undefined : { cause: options.cause });
    if (isStackless) Error.stackTraceLimit = stackTraceLimit;
    this.kind = definition.kind;
    this.code = definition.code;
    this.fields = options.fields ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The status of the response at the edge. */
  get httpStatus(): number {
    return KINDS[this.kind].httpStatus;
  }

  /** The status number inside, between services. */
  get grpcCode(): number {
    return KINDS[this.kind].grpcCode;
  }
}

/** A stable error, as declared once by the component that throws it. */
export interface ErrorDefinition {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
}

/** Makes an error of one definition. */
export type ErrorFactory = (options?: ErrorOptions) => GatehouseError;

const catalogue = new Map<string, ErrorDefinition>();

/**
 * Declares the errors of one component, once, where its code begins.
 *
 * @param component - the first part of each code: `'auth'`.
 * @param table - name → [kind, message]; the name in lower case ends the code.
 * @returns a factory per name: `authErrors.EMAIL_TAKEN()`.
 * @throws Error when a code is declared twice.
 */
export function defineErrors<Name extends string>(
  component: string,
  table: Record<Name, readonly [ErrorKind, string]>,
): Record<Name, ErrorFactory> {
  const factories = {} as Record<Name, ErrorFactory>;
  for (const name of Object.keys(table) as Name[]) {
    const [kind, message] = table[name];
    const definition: ErrorDefinition = {
      kind,
      message,
      code: `${component}.${name.toLowerCase()}`,
    };
    if (catalogue.has(definition.code)) throw new Error(`error code ${definition.code} is taken`);
    catalogue.set(definition.code, definition);
    factories[name] = (options) => new GatehouseError(definition, options);
  }
  return factories;
}

/** Every error that the loaded components declare, by code. For the documentation and its test. */
export function errorCatalogue(): ReadonlyMap<string, ErrorDefinition> {
  return catalogue;
}

/** Errors that any component may meet. */
export const commonErrors = defineErrors('common', {
  INVALID_INPUT: ['INVALID_ARGUMENT', 'The request has invalid members.'],
  INTERNAL: ['INTERNAL', 'Something failed on our side. The trace id finds it in the logs.'],
  UNAVAILABLE: [
    'UNAVAILABLE',
    'A service that is needed for this is unavailable. Try again shortly.',
  ],
  DEADLINE: ['DEADLINE_EXCEEDED', 'This took longer than the time allowed for it.'],
  CANCELLED: ['CANCELLED', 'The caller cancelled the request.'],
});

/**
 * Wraps whatever was thrown, once, at the edge of a component: an error of ours stays as it is,
 * everything else becomes `common.internal` with the original as `cause`.
 */
export function toGatehouseError(thrown: unknown): GatehouseError {
  return thrown instanceof GatehouseError ? thrown : commonErrors.INTERNAL({ cause: thrown });
}
