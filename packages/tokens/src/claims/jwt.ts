/** The claims of tokens that another issuer mints, with whatever else they hold. */
import { isObject, type JsonObject, own } from '../jws/strict-json.ts';
import { badClaim, count, lifetime, optionalText, text } from './read.ts';

const MAX_AUDIENCES = 64;

/** Claims of another issuer's token, frozen all the way down (RFC 7519, section 4). */
export interface JwtClaims {
  readonly iss: string;
  readonly sub: string;
  /** As sent: a text, or a list that holds the audience. */
  readonly aud: unknown;
  /** Whole seconds. */
  readonly iat: number;
  readonly exp: number;
  readonly jti?: string;
  readonly sid?: string;
  readonly sv?: number;
  /** Every other claim, of which nothing was checked. */
  readonly [claim: string]: unknown;
}

/** What must be in a token beside the claims that every one must have. */
export interface ClaimRules {
  readonly requiredClaims: readonly string[];
  readonly equalClaims: ReadonlyMap<string, string>;
}

/**
 * Reads the claims. `__proto__` as a member at any depth is refused, since what is returned is what was
 * sent, and copying it would change the copy's prototype.
 *
 * @throws TokenError `claim`. Whether they are the right issuer, audience and time is not checked.
 */
export function readJwtClaims(payload: JsonObject, rules: ClaimRules): JwtClaims {
  text(payload, 'iss');
  text(payload, 'sub');
  optionalText(payload, 'jti');
  optionalText(payload, 'sid');
  if (own(payload, 'sv') !== undefined) count(payload, 'sv');
  lifetime(payload);
  for (const name of rules.requiredClaims) {
    if (own(payload, name) === undefined || own(payload, name) === null) throw badClaim(name);
  }
  for (const [name, value] of rules.equalClaims) {
    if (own(payload, name) !== value) throw badClaim(name);
  }
  return freezeAll(payload) as JwtClaims;
}

/** Whether an `aud` is this audience, or a list of at most 64 texts that holds it. */
export function holdsAudience(aud: unknown, audience: string): boolean {
  if (!Array.isArray(aud)) return aud === audience;
  const isList = aud.length <= MAX_AUDIENCES && aud.every((item) => typeof item === 'string');
  return isList && aud.includes(audience);
}

function freezeAll(value: object): object {
  if (isObject(value) && Object.hasOwn(value, '__proto__')) throw badClaim('__proto__');
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) freezeAll(child);
  }
  return Object.freeze(value);
}
