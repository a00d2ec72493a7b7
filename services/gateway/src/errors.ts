/**
 * What the edge itself refuses: one code per class, so that a client, a log and a test can tell
 * them apart. What a service answers keeps the service's own code.
 */
import { defineErrors, type GatehouseError } from '@gatehouse/errors';
import { wireErrors } from '@gatehouse/wire';

const ownErrors = defineErrors('gateway', {
  TIMEOUT: ['DEADLINE_EXCEEDED', 'The request did not arrive in time.'],
  UPGRADE: ['UNIMPLEMENTED', 'The connection cannot be upgraded.'],
  WEBSOCKET: ['INVALID_ARGUMENT', 'This is no opening handshake of WebSocket, version 13.'],
  // The way
  NOT_FOUND: ['NOT_FOUND', 'There is nothing at this path.'],
  METHOD_NOT_ALLOWED: ['UNIMPLEMENTED', 'This path does not support this method.'],
  NO_TOKEN: ['UNAUTHENTICATED', 'This needs an access token.'],
  INVALID_TOKEN: ['UNAUTHENTICATED', 'The access token is invalid, expired or revoked.'],
  TOO_MANY_FAILURES: [
    'RESOURCE_EXHAUSTED',
    'Too many tokens from this address were invalid. Wait a little.',
  ],
  TOO_MANY_REQUESTS: ['RESOURCE_EXHAUSTED', 'Too many requests from this address. Wait a little.'],
  NOT_READY: ['UNAVAILABLE', 'The gateway cannot check tokens just now. Try again shortly.'],
  UPSTREAM_AWAY: ['UNAVAILABLE', 'The service behind this path is unavailable. Try again shortly.'],
  TRACES_AWAY: [
    'UNAVAILABLE',
    'The collector behind the trace view is unavailable. Try again shortly.',
  ],
  UPSTREAM_ANSWER: ['INTERNAL', 'The service behind this path sent an invalid response.'],
  // The body
  BODY_TOO_LARGE: ['OUT_OF_RANGE', 'The body is larger than what is taken here.'],
  BODY_UNEXPECTED: ['INVALID_ARGUMENT', 'This method takes no body.'],
  MEDIA_TYPE: [
    'INVALID_ARGUMENT',
    'The body must be application/json in UTF-8, without a content coding.',
  ],
  JSON: ['INVALID_ARGUMENT', 'The body is not one well-formed JSON object.'],
});

/** Those of the wire, and those of the way. */
export const edgeErrors = { ...wireErrors, ...ownErrors };

/** Statuses that HTTP has and the table of kinds does not. */
const STATUSES: Readonly<Record<string, readonly [status: number, title: string]>> = {
  'gateway.headers_too_large': [431, 'Request header fields too large'],
  'gateway.timeout': [408, 'Request timeout'],
  'gateway.method_not_allowed': [405, 'Method not allowed'],
  'gateway.body_too_large': [413, 'Content too large'],
  'gateway.media_type': [415, 'Unsupported media type'],
};

/** The status and title that the edge answers an error with. */
export function statusOf(error: GatehouseError): readonly [status: number, title?: string] {
  return STATUSES[error.code] ?? [error.httpStatus];
}

/** A refusal that says more in headers: `WWW-Authenticate`, `Allow`. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly error: GatehouseError;
  /** Lower-case name to value. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(error: GatehouseError, headers: Readonly<Record<string, string>>) {
    super(error.message, { cause: error });
    this.error = error;
    this.headers = headers;
  }
}
