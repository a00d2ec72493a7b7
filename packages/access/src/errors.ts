import { defineErrors } from '@gatehouse/errors';

/** Why a call is refused, as a caller sees it. None says what the caller would have needed to be. */
export const accessErrors = defineErrors('access', {
  NOT_SIGNED_IN: [
    'UNAUTHENTICATED',
    'This call is for signed-in people: it needs an access token.',
  ],
  CALLER: ['PERMISSION_DENIED', 'This workload may not call this.'],
  SUBJECT: ['PERMISSION_DENIED', 'This is not for this kind of caller.'],
  SCOPE: ['PERMISSION_DENIED', 'The token does not have a scope that this needs.'],
  ROLE: ['PERMISSION_DENIED', 'The account does not have a role that this needs.'],
  AUTH_LEVEL: ['PERMISSION_DENIED', 'This needs a stronger sign-in.'],
  METHOD_BOUND: ['PERMISSION_DENIED', 'This passport is valid for another method only.'],
  STALE: [
    'UNAVAILABLE',
    'Whether access was withdrawn cannot be told just now. Try again shortly.',
  ],
});
