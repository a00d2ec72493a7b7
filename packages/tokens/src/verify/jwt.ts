import { holdsAudience, type JwtClaims, readJwtClaims } from '../claims/jwt.ts';
import { readForeignHeader } from '../jws/header.ts';
import type { Algorithm } from '../keys/types.ts';
import type { IssuedTokenVerifierOptions } from './access-token.ts';
import { issuedBy, type TokenKind } from './check.ts';
import type { Verifier } from './types.ts';
import { type CommonClaims, TokenVerifier } from './verifier.ts';

/** Options of {@link createJwtVerifier}. */
export interface JwtVerifierOptions extends IssuedTokenVerifierOptions {
  /** The `typ`s that are taken, each exactly; `''` for none at all. Default `['JWT', 'at+jwt']`. */
  readonly typs?: readonly string[];
  /** The algorithms that are taken. Default `['RS256', 'ES256']`; each key has one alone. */
  readonly algs?: readonly Algorithm[];
  /** Claims that must be there, beside `iss`, `sub`, `aud`, `iat` and `exp`. Default none. */
  readonly requiredClaims?: readonly string[];
  /**
   * Claims that must have this very text. It keeps ID tokens out where the issuer marks kinds by a
   * claim: `{ typ: 'Bearer' }` for Keycloak, `{ token_use: 'access' }` for Cognito.
   */
  readonly equalClaims?: Readonly<Record<string, string>>;
}

/** What claims are made into, by {@link createJwtVerifier}. */
export interface ClaimsMapping<C extends CommonClaims> {
  /**
   * Says what the claims of a token mean to you. Called once for each token that is verified; its result is
   * kept and handed out in their place, for that token alone and as one object. Its `exp` may be earlier
   * than the token's, and holds.
   *
   * @throws TokenError to refuse the token.
   */
  readonly mapClaims: (claims: JwtClaims) => C;
}

const DEFAULT_TYPS = ['JWT', 'at+jwt'];
const DEFAULT_ALGS: readonly Algorithm[] = ['RS256', 'ES256'];

/**
 * Verifies tokens of another issuer (RFC 7519, with RFC 8725). What differs from Gatehouse's own kinds:
 * `typ` is one of a list, `aud` may be a list that holds the audience, the header may have
 * thumbprints (`x5t`, ignored), and all claims are returned. All else is as strict: `kid`, `sub`, `iat`
 * and `exp` are required, times are whole seconds, `cnf` is refused.
 *
 * Not checked: what any other claim means. Where ID tokens and access tokens can have the same audience,
 * tell them apart by `typs` or `equalClaims`.
 *
 * @throws TypeError when a list is empty.
 *
 * @example
 * ```ts
 * import { createDiscoveredKeySet, createJwtVerifier } from '@gatehouse/tokens';
 *
 * const issuer = 'https://login.example/realms/shop';
 * const keys = createDiscoveredKeySet({ issuer });
 * void keys.start();
 * const verifier = createJwtVerifier({ issuer, audience: 'shop', keys, equalClaims: { typ: 'Bearer' } });
 * export const subjectOf = async (token: string) => (await verifier.verify(token)).sub;
 * ```
 */
export function createJwtVerifier<C extends CommonClaims>(
  options: JwtVerifierOptions & ClaimsMapping<C>,
): Verifier<C>;
export function createJwtVerifier(options: JwtVerifierOptions): Verifier<JwtClaims>;
export function createJwtVerifier(
  options: JwtVerifierOptions & Partial<ClaimsMapping<CommonClaims>>,
): Verifier<CommonClaims> {
  const { audience, typs = DEFAULT_TYPS, algs = DEFAULT_ALGS } = options;
  if (audience === '') throw new TypeError('the audience must not be empty');
  if (typs.length === 0 || algs.length === 0) throw new TypeError('nothing would be taken');
  const rules = {
    requiredClaims: options.requiredClaims ?? [],
    equalClaims: new Map(Object.entries(options.equalClaims ?? {})),
  };
  const { mapClaims = (claims) => claims } = options;
  const kind: TokenKind<CommonClaims> = {
    readHeader: readForeignHeader,
    typs,
    algs,
    isAudience: (aud) => holdsAudience(aud, audience),
    issuerFor: issuedBy(options.issuer),
    read: (payload) => mapClaims(readJwtClaims(payload, rules)),
  };
  return new TokenVerifier(kind, options);
}
