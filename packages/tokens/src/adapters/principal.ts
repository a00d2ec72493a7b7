/** For whom a request is made, as every adapter gives it to a handler. */

/** What an adapter reads of a token's claims; of another issuer's token, nothing of it was checked. */
export interface BearerClaims {
  readonly sub: string;
  /** Scopes with one space between each; of any other form, there are none. */
  readonly scope?: unknown;
  /** A list of texts; of any other form, there are none. */
  readonly roles?: unknown;
}

/** Who presented a good token. Frozen. */
export interface Principal<C extends BearerClaims = BearerClaims> {
  /** Claim `sub`: `usr_…` for a person, the client's id for a workload. */
  readonly subject: string;
  /** Claim `scope`, taken apart; empty for none. */
  readonly scopes: readonly string[];
  /** Claim `roles`; empty for tokens that have none. */
  readonly roles: readonly string[];
  /** All that was verified, typed as the verifier has it. */
  readonly claims: C;
}

/** Makes a principal of verified claims. */
export function principalOf<C extends BearerClaims>(claims: C): Principal<C> {
  return Object.freeze({
    subject: claims.sub,
    scopes: scopesOf(claims.scope),
    roles: rolesOf(claims.roles),
    claims,
  });
}

const NONE: readonly string[] = Object.freeze([]);

function scopesOf(scope: unknown): readonly string[] {
  return typeof scope === 'string' && scope !== '' ? Object.freeze(scope.split(' ')) : NONE;
}

// A text would do for `includes`, and hold every part of itself as a role.
function rolesOf(roles: unknown): readonly string[] {
  const isList = Array.isArray(roles) && roles.every((role) => typeof role === 'string');
  return isList ? Object.freeze([...roles]) : NONE;
}
