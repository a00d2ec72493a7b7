/** Service tokens: minted with auth's own key, and verified with its public half. */
import {
  createServiceTokenVerifier,
  type KeySource,
  mintServiceTokenAside,
  type SigningKey,
  TokenError,
} from '@gatehouse/tokens';
import type { Clock, NewId } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';

export interface ServiceTokensOptions {
  /** The key that signs now. */
  readonly key: () => SigningKey;
  /** The keys that verify. */
  readonly keys: KeySource;
  readonly issuer: string;
  readonly trustDomain: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

/** What a service token says. */
export interface ServiceGrant {
  readonly clientId: string;
  /** Space-separated. */
  readonly scope: string;
  /** `sv` */
  readonly version: number;
}

/** The claims of a service token whose signature, issuer, audience and times are valid. */
export interface VerifiedServiceToken extends ServiceGrant {
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface ServiceTokens {
  /** Signs on another thread. */
  mint(grant: ServiceGrant): Promise<string>;
  /** @returns undefined for a token that is invalid in any way. */
  verify(token: string): Promise<VerifiedServiceToken | undefined>;
}

export function createServiceTokens(options: ServiceTokensOptions): ServiceTokens {
  const { issuer, trustDomain: audience, keys, clock } = options;
  // Shown by others: their tokens shall not fill our memory.
  const verifier = createServiceTokenVerifier({ issuer, audience, keys, clock, cacheEntries: 0 });
  return {
    mint({ clientId, scope, version }) {
      const iat = Math.floor(clock.nowMs() / 1000);
      return mintServiceTokenAside(options.key(), {
        iss: issuer,
        aud: audience,
        sub: clientId,
        client_id: clientId,
        scope,
        sv: version,
        jti: options.newId('stk'),
        iat,
        exp: iat + LIFETIMES.serviceTokenSeconds,
      });
    },

    async verify(token) {
      try {
        const { client_id: clientId, scope, sv, jti, iat, exp } = await verifier.verify(token);
        const times = { issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
        // Each of ours has a version.
        return sv === undefined ? undefined : { clientId, scope, version: sv, jti, ...times };
      } catch (error) {
        if (error instanceof TokenError) return undefined;
        throw error;
      }
    },
  };
}
