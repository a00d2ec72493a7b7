/** Access tokens: minted with auth's own key, and verified with its public half. */
import {
  type Clock,
  createAccessTokenVerifier,
  type KeySource,
  mintAccessToken,
  type Signer,
  TokenError,
} from '@gatehouse/tokens';
import type { MintAccessToken, NewId, VerifyAccessToken } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';

export interface AccessTokensOptions {
  /** The key that signs at this moment. */
  readonly signer: () => Signer;
  /** The keys that verify. */
  readonly keys: KeySource;
  readonly issuer: string;
  /** The edge. */
  readonly audience: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

/** The one client there is: our own applications, which log people in by password. */
export const FIRST_PARTY = 'gatehouse-first-party';
/** Level 1: a password. */
const PASSWORD_LEVEL = 1;

export function createMint(options: AccessTokensOptions): MintAccessToken {
  return (grant) => {
    const issuedAtSeconds = Math.floor(grant.issuedAt.getTime() / 1000);
    return mintAccessToken(options.signer(), {
      iss: options.issuer,
      aud: options.audience,
      sub: grant.accountId,
      client_id: FIRST_PARTY,
      scope: grant.scope,
      roles: grant.roles,
      sid: grant.sessionId,
      sv: grant.version,
      jti: options.newId('atk'),
      iat: issuedAtSeconds,
      exp: issuedAtSeconds + LIFETIMES.accessTokenSeconds,
      auth_level: PASSWORD_LEVEL,
    });
  };
}

export function createVerify(options: AccessTokensOptions): VerifyAccessToken {
  const verifier = createAccessTokenVerifier({
    issuer: options.issuer,
    audience: options.audience,
    keys: options.keys,
    clock: options.clock,
    // Asked by strangers: their tokens shall not fill our memory.
    cacheEntries: 0,
  });
  return async (token) => {
    try {
      const { sub, scope, sid, sv, jti, iat, exp } = await verifier.verify(token);
      const times = { issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
      return { sub, scope, sid, sv, jti, ...times };
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  };
}
