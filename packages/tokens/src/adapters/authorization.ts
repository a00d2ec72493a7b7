import { Refusal } from './refusal.ts';

// RFC 6750, section 2.1; the case of the scheme does not matter (RFC 9110, section 11.1).
const BEARER = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i;
const OTHER_SCHEME = /^(?!bearer(?: |$))[!#$%&'*+.^_`|~0-9A-Za-z-]+(?: |$)/i;

/**
 * The token of a request's `Authorization` headers, by the same rules as the gateway's.
 *
 * @param values - every value that was sent. Most frameworks show the first and hide the others.
 * @throws Refusal `no_token` for none and for another scheme, `invalid_request` for several,
 *   `invalid_token` for what cannot be read as a bearer token (two spaces, a comma, nothing).
 */
export function bearerToken(values: readonly string[]): string {
  const [value] = values;
  if (value === undefined) throw Refusal.noToken();
  if (values.length > 1) throw Refusal.invalidRequest();
  const token = BEARER.exec(value)?.[1];
  if (token !== undefined) return token;
  throw OTHER_SCHEME.test(value) ? Refusal.noToken() : Refusal.invalidToken();
}

/**
 * Every value of `Authorization` in the raw headers of a `node:http` message (name, value, name, …).
 * Its `headers` keep the first of several and drop the others silently.
 */
export function authorizationValues(rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === 'authorization') values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}
