/** For whom a request is made, as every adapter gives it to a handler. */

/** The claims that an adapter takes: those of an access token or a service token, not of a passport. */
export interface BearerClaims {
  readonly sub: string;
  readonly scope?: string;
  readonly roles?: readonly string[];
  /** A passport has one, and does not travel as a bearer token. */
  readonly txn?: never;
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
  const scopes = claims.scope === undefined || claims.scope === '' ? [] : claims.scope.split(' ');
  return Object.freeze({
    subject: claims.sub,
    scopes: Object.freeze(scopes),
    roles: claims.roles ?? NO_ROLES,
    claims,
  });
}

const NO_ROLES: readonly string[] = Object.freeze([]);
