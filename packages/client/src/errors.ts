import { defineErrors } from '@gatehouse/errors';

/**
 * Why a call to another service did not leave, or brought nothing back.
 *
 * None is UNAUTHENTICATED: it is the service that has no credentials, not the person it works for,
 * who would discard a valid token.
 */
export const clientErrors = defineErrors('client', {
  TOKEN_REFUSED: ['UNAVAILABLE', 'The auth server rejects the credentials of this service.'],
  TOKEN_UNREACHABLE: [
    'UNAVAILABLE',
    'The auth server is unreachable, so there is no service token.',
  ],
  TOKEN_MALFORMED: ['UNAVAILABLE', 'The auth server returned an invalid service token.'],
  CLOCK_OFF: ['UNAVAILABLE', 'The clocks of this service and of the auth server disagree.'],
  TOKEN_LATE: ['DEADLINE_EXCEEDED', 'No service token was available in the time allowed for it.'],
  CIRCUIT_OPEN: [
    'UNAVAILABLE',
    'A service that is needed for this has failed too often just now. Try again shortly.',
  ],
  PASSPORT_MISSING: ['INTERNAL', 'A call that needs a passport was made without one.'],
  ANSWER_TOO_LARGE: ['INTERNAL', 'The response of another service is larger than allowed.'],
});
