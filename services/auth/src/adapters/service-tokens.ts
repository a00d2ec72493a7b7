/** Service tokens: minted with auth's own key. */
import { type Clock, mintServiceTokenAside, type SigningKey } from '@gatehouse/tokens';
import type { MintServiceToken } from '../application/issue-service-token.ts';
import type { NewId } from '../application/ports.ts';
import { LIFETIMES } from '../domain/lifetimes.ts';

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
