import { defineErrors } from '@gatehouse/errors';

/** What a listener rejects before a route is asked. Some have a closer status than their kind. */
export const httpErrors = defineErrors('http', {
  BAD_REQUEST: ['INVALID_ARGUMENT', 'The request is not one that can be read.'],
  TOKEN: ['UNAUTHENTICATED', 'The token is missing or invalid.'],
  TOKEN_UNCHECKED: ['UNAVAILABLE', 'No token can be checked now. Keep it and try again shortly.'],
  SCOPE: ['PERMISSION_DENIED', 'The token does not have the scope that this needs.'],
  NOT_A_WORKLOAD: ['PERMISSION_DENIED', 'Only workloads of the trust domain may call this.'],
  NO_SUCH_PATH: ['NOT_FOUND', 'There is nothing at this path.'],
  METHOD_NOT_ALLOWED: ['UNIMPLEMENTED', 'This path does not support this method.'],
  BODY_TOO_LARGE: ['OUT_OF_RANGE', 'The body is larger than this listener takes.'],
  MEDIA_TYPE: ['INVALID_ARGUMENT', 'The body must come as application/json.'],
});
