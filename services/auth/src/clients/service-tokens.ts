/** Service tokens: minted with auth's own key, and verified with its public half. */
import {
  type Clock,
  createServiceTokenVerifier,
  type KeySource,
  mintServiceTokenAside,
  type SigningKey,
  TokenError,
} from '@gatehouse/tokens';
import type { NewId } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { VerifyServiceToken } from '../tokens/find.ts';
import type { MintServiceToken } from './issue-token.ts';

export interface ServiceTokensOptions {
  /** The key that signs now. */
  readonly key: () => SigningKey;
  readonly issuer: string;
  readonly trustDomain: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

export function createMintServiceToken(options: ServiceTokensOptions): MintServiceToken {
  return async ({ clientId, scope, version, issuedAt }) => {
    const iat = Math.floor(issuedAt.getTime() / 1000);
    return mintServiceTokenAside(options.key(), {
      iss: options.issuer,
      aud: options.trustDomain,
      sub: clientId,
      client_id: clientId,
      scope,
      sv: version,
      jti: options.newId('stk'),
      iat,
      exp: iat + LIFETIMES.serviceTokenSeconds,
    });
  };
}

export function createVerifyServiceToken(options: {
  readonly keys: KeySource;
  readonly issuer: string;
  readonly trustDomain: string;
  readonly clock: Clock;
}): VerifyServiceToken {
  const { trustDomain: audience, ...rest } = options;
  // Shown by others: their tokens shall not fill our memory.
  const verifier = createServiceTokenVerifier({ ...rest, audience, cacheEntries: 0 });
  return async (token) => {
    try {
      const { client_id: clientId, scope, sv, jti, iat, exp } = await verifier.verify(token);
      const times = { issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
      // Each of ours has a version.
      return sv === undefined ? undefined : { clientId, scope, version: sv, jti, ...times };
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  };
}
