/** Access tokens: minted with auth's own key, and verified with its public half. */
import {
  createAccessTokenVerifier,
  type KeySource,
  mintAccessToken,
  type SigningKey,
  TokenError,
} from '@gatehouse/tokens';
import type { Clock, NewId } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { SessionHolder } from './rules.ts';

export interface AccessTokensOptions {
  /** The key that signs at this moment. */
  readonly key: () => SigningKey;
  /** The keys that verify. */
  readonly keys: KeySource;
  readonly issuer: string;
  /** The edge. */
  readonly audience: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

/** What an access token says of a person. */
export interface AccessGrant extends SessionHolder {
  /** Space-separated. */
  readonly scope: string;
  readonly issuedAt: Date;
}

/** The claims of an access token whose signature, issuer, audience and times are valid. */
export interface VerifiedAccessToken {
  readonly sub: string;
  readonly scope: string;
  readonly sid: string;
  readonly sv: number;
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface AccessTokens {
  mint(grant: AccessGrant): string;
  /** @returns undefined for a token that is invalid in any way. */
  verify(token: string): Promise<VerifiedAccessToken | undefined>;
}

/** The one client there is: our own applications, which log people in by password. */
export const FIRST_PARTY = 'gatehouse-first-party';
/** Level 1: a password. */
const PASSWORD_LEVEL = 1;

export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { issuer, audience, keys, clock } = options;
  // Asked by strangers: their tokens shall not fill our memory.
  const verifier = createAccessTokenVerifier({ issuer, audience, keys, clock, cacheEntries: 0 });
  return {
    mint(grant) {
      const iat = Math.floor(grant.issuedAt.getTime() / 1000);
      return mintAccessToken(options.key(), {
        iss: issuer,
        aud: audience,
        sub: grant.accountId,
        client_id: FIRST_PARTY,
        scope: grant.scope,
        roles: grant.roles,
        sid: grant.sessionId,
        sv: grant.version,
        jti: options.newId('atk'),
        iat,
        exp: iat + LIFETIMES.accessTokenSeconds,
        auth_level: PASSWORD_LEVEL,
      });
    },

    async verify(token) {
      try {
        const { sub, scope, sid, sv, jti, iat, exp } = await verifier.verify(token);
        const times = { issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
        return { sub, scope, sid, sv, jti, ...times };
      } catch (error) {
        if (error instanceof TokenError) return undefined;
        throw error;
      }
    },
  };
}
