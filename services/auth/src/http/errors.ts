import { defineErrors } from '@gatehouse/errors';

/** What the HTTP listeners of auth answer instead of what was asked for. */
export const httpErrors = defineErrors('auth_http', {
  NO_SUCH_PATH: ['NOT_FOUND', 'There is nothing at this path.'],
  BAD_REQUEST: ['INVALID_ARGUMENT', 'The request is not one that can be answered.'],
  METHOD_NOT_ALLOWED: ['UNIMPLEMENTED', 'This path does not answer this method.'],
  NOT_A_WORKLOAD: ['PERMISSION_DENIED', 'Only workloads of the trust domain may ask here.'],
});
