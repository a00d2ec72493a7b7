import { defineErrors } from '@gatehouse/errors';

/** The errors of auth, beside the common ones. */
export const authErrors = defineErrors('auth', {
  CREDENTIALS_INVALID: ['UNAUTHENTICATED', 'The e-mail or the password is wrong.'],
  CURRENT_PASSWORD_WRONG: ['INVALID_ARGUMENT', 'The current password is wrong.'],
  EMAIL_TAKEN: ['ALREADY_EXISTS', 'This e-mail is taken.'],
  PASSWORD_LENGTH: ['INVALID_ARGUMENT', 'The password must have 12 to 128 characters.'],
  PASSWORD_TOO_COMMON: ['INVALID_ARGUMENT', 'The password is too easy to guess.'],
  PASSWORD_HOLDS_EMAIL: ['INVALID_ARGUMENT', 'The password must not hold the e-mail.'],
  SCOPE_INVALID: ['INVALID_ARGUMENT', 'The scope asks for more than can be granted.'],
  REFRESH_INVALID: ['UNAUTHENTICATED', 'The refresh token is no longer valid. Log in again.'],
  TOO_MANY_ATTEMPTS: ['RESOURCE_EXHAUSTED', 'Too many attempts. Wait before the next one.'],
  BUSY: ['RESOURCE_EXHAUSTED', 'Too many passwords are being checked. Try again shortly.'],
  SIGN_UP_INTERRUPTED: [
    'UNAVAILABLE',
    'The sign-up could not be finished now. Repeat it with the same e-mail and password.',
  ],
  SESSION_UNKNOWN: ['NOT_FOUND', 'There is no such session.'],
  ACCOUNT_UNKNOWN: ['NOT_FOUND', 'There is no such account.'],
  LAST_ADMIN: [
    'FAILED_PRECONDITION',
    'This is the last administrator. Make somebody else an administrator first.',
  ],
  NOT_A_GATEWAY: ['PERMISSION_DENIED', 'Only a gateway may register a passport key.'],
  KEY_PROOF_INVALID: ['INVALID_ARGUMENT', 'The proof of possession does not hold.'],
  KEY_BOUND_ELSEWHERE: ['PERMISSION_DENIED', 'The key is bound to another identity.'],
  CLIENT_NAME_TAKEN: ['ALREADY_EXISTS', 'There is a client of this name or workload already.'],
  CLIENT_UNKNOWN: ['NOT_FOUND', 'There is no such client, or it is disabled.'],
  KEY_REVOKED: ['FAILED_PRECONDITION', 'The passport key was revoked. Make another one.'],
  KEY_UNKNOWN: ['NOT_FOUND', 'There is no such key.'],
  ROTATION_UNDER_WAY: [
    'FAILED_PRECONDITION',
    'A new key is published already and waits for its time to sign. An emergency does not wait.',
  ],
  CLIENT_KEY_INVALID: [
    'INVALID_ARGUMENT',
    'The key is neither RSA of 2048 bits or more nor P-256, or it is registered already.',
  ],
  CLIENT_KEYS_FULL: ['FAILED_PRECONDITION', 'The client has five keys. Remove one first.'],
  CLIENT_KEY_UNKNOWN: ['NOT_FOUND', 'The client has no such key.'],
  GRANT_UNKNOWN: ['NOT_FOUND', 'There is no such grant, or it has ended.'],
  FEED_ENDED: ['UNAVAILABLE', 'The feed of access changes has ended. Open it again.'],
});
