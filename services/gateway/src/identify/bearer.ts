import { edgeErrors, Refused } from '../errors.ts';

// RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1).
const BEARER = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i;
const OTHER_SCHEME = /^(?!bearer(?: |$))[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |$)/i;

/**
 * The token of an `Authorization` header.
 *
 * @param authorization - the one header's value.
 * @throws Refused 401 for another scheme (no error code: RFC 6750, section 3.1) and for what is no
 * token (`invalid_token`). A header that cannot be read never makes a request anonymous.
 */
export function bearerToken(authorization: string): string {
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  if (OTHER_SCHEME.test(authorization)) {
    throw new Refused(edgeErrors.NO_TOKEN(), { 'www-authenticate': 'Bearer' });
  }
  throw invalidToken();
}

/** The refusal of a token (RFC 6750, section 3). */
export function invalidToken(cause?: unknown): Refused {
  return new Refused(edgeErrors.INVALID_TOKEN({ cause }), {
    'www-authenticate': 'Bearer error="invalid_token"',
  });
}
