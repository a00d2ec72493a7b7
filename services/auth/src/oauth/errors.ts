import { defineErrors } from '@gatehouse/errors';

/**
 * The errors of the OAuth endpoints: the last part of each code is the `error` of RFC 6749, section 5.2,
 * and RFC 8693, section 2.2.2.
 */
export const oauthErrors = defineErrors('oauth', {
  INVALID_REQUEST: ['INVALID_ARGUMENT', 'The request is invalid.'],
  INVALID_CLIENT: ['UNAUTHENTICATED', 'The client could not be authenticated.'],
  INVALID_GRANT: ['INVALID_ARGUMENT', 'The grant or token is invalid, or not for this client.'],
  UNAUTHORIZED_CLIENT: ['INVALID_ARGUMENT', 'The client may not use this grant type here.'],
  UNSUPPORTED_GRANT_TYPE: ['INVALID_ARGUMENT', 'There is no such grant type here.'],
  INVALID_SCOPE: ['INVALID_ARGUMENT', 'The scope asks for more than can be granted.'],
  INVALID_TARGET: ['INVALID_ARGUMENT', 'No token is issued for this audience.'],
  UNSUPPORTED_TOKEN_TYPE: ['INVALID_ARGUMENT', 'Tokens of this kind cannot be revoked here.'],
  TEMPORARILY_UNAVAILABLE: ['RESOURCE_EXHAUSTED', 'Too many attempts. Wait before the next one.'],
});

/** An invalid request that names the parameter and what is wrong with it. */
export function badParameter(name: string, detail: string) {
  return oauthErrors.INVALID_REQUEST({ fields: [{ pointer: `/${name}`, detail }] });
}
