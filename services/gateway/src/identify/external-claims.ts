/** What another issuer's token means here. Whatever could be read in two ways is refused. */
import { type JwtClaims, TokenError } from '@gatehouse/tokens';
import type { ClaimPath, IssuerSettings } from '../file/read-issuers.ts';
import type { EdgeClaims } from './edge-claims.ts';

const MAX_SUBJECT = 512;
const MAX_WORDS = 1024;
// RFC 6749, section 3.3; a role in the same form. Others could not be asked for by a rule.
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/;
const ROLE = /^[\x21-\x7e]{1,256}$/;
/** In ID tokens, logout tokens and events only (OpenID Connect Core 3.3.2.11, RFC 8417). */
const OF_OTHER_KINDS = ['at_hash', 'c_hash', 's_hash', 'events', 'sub_jwk'];

/**
 * Maps verified claims.
 *
 * Refused: what is marked as no access token (`at_hash`, `events`, Keycloak's `typ`, Cognito's
 * `token_use`, a `nonce` that nothing explains), a subject that means something else in a passport, and
 * scopes or roles of a form that is neither a text nor a list of texts. Missing ones are none.
 *
 * @throws TokenError `claim`.
 */
export function externalClaims(
  claims: JwtClaims,
  issuer: IssuerSettings,
): EdgeClaims & { readonly iat: number } {
  assertAccessToken(claims, issuer);
  const { sid, exp, iat } = claims;
  const level = authLevel(claims, issuer);
  const { maxAgeMs } = issuer;
  const until = maxAgeMs === undefined ? exp : Math.min(exp, iat + Math.floor(maxAgeMs / 1000));
  return Object.freeze({
    iss: claims.iss,
    sub: subject(claims, issuer),
    scope: scopes(claims, issuer).join(' '),
    roles: Object.freeze(roles(claims, issuer)),
    iat,
    exp: until,
    ...(sid === undefined ? {} : { sid }),
    ...(level === undefined ? {} : { auth_level: level }),
    external: true,
  });
}

function assertAccessToken(claims: JwtClaims, { require }: IssuerSettings): void {
  const other = OF_OTHER_KINDS.find((name) => Object.hasOwn(claims, name));
  if (other !== undefined) throw new TokenError('claim', other);
  // What the file requires has been compared already, and knows better.
  const isRequired = (name: string): boolean => Object.hasOwn(require, name);
  const { typ, token_use: use, nonce } = claims;
  const isBearer = typeof typ === 'string' && /^(?:bearer|at\+jwt)$/i.test(typ);
  if (typ !== undefined && !isBearer && !isRequired('typ')) throw new TokenError('claim', 'typ');
  if (use !== undefined && use !== 'access' && !isRequired('token_use')) {
    throw new TokenError('claim', 'token_use');
  }
  if (nonce !== undefined && !isBearer && use !== 'access' && !isRequired('nonce')) {
    throw new TokenError('claim', 'nonce');
  }
}

function subject({ sub }: JwtClaims, { subjectPrefix }: IssuerSettings): string {
  const name = `${subjectPrefix}${sub}`;
  const meansElse = name.startsWith('anonymous:') || name.startsWith('spiffe://');
  if (meansElse || name.length > MAX_SUBJECT) throw new TokenError('claim', 'sub');
  return name;
}

function scopes(claims: JwtClaims, { scopeClaims }: IssuerSettings): readonly string[] {
  for (const path of scopeClaims) {
    const value = claimAt(claims, path);
    if (value !== undefined) return words(value, path, SCOPE);
  }
  return [];
}

function roles(claims: JwtClaims, { rolesClaims }: IssuerSettings): readonly string[] {
  const all = rolesClaims.flatMap((path) => {
    const value = claimAt(claims, path);
    return value === undefined ? [] : words(value, path, ROLE);
  });
  return [...new Set(all)];
}

/** A text with spaces, or a list of texts. Words that no rule could ask for are left out. */
function words(value: unknown, path: ClaimPath, form: RegExp): readonly string[] {
  const list = typeof value === 'string' ? value.split(' ') : value;
  const isList = Array.isArray(list) && list.length <= MAX_WORDS;
  if (!isList || !list.every((word) => typeof word === 'string')) {
    throw new TokenError('claim', path.join('.'));
  }
  return list.filter((word) => form.test(word));
}

function claimAt(claims: JwtClaims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject || !Object.hasOwn(value as object, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value === null ? undefined : value;
}

function authLevel(claims: JwtClaims, { authLevels }: IssuerSettings): number | undefined {
  const { acr } = claims;
  return typeof acr === 'string' ? authLevels.get(acr) : undefined;
}
