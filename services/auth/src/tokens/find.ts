/** What a token is and whether it is active now, whatever its kind. */
import * as changes from '../changes/store.ts';
import type { ServiceTokens } from '../clients/service-tokens.ts';
import * as clients from '../clients/store.ts';
import { type Base, nowOf } from '../common/base.ts';
import { type AccessTokens, FIRST_PARTY } from '../sessions/access-tokens.ts';
import { hashRefreshToken } from '../sessions/refresh-secrets.ts';
import * as refreshTokens from '../sessions/refresh-token-store.ts';
import type { ValidateToken } from './validate.ts';

/** A token of ours: signature and time are right, or it is known. */
export interface FoundToken {
  /** Of a service token: `sub` and `client_id` are the same client. */
  readonly kind: 'access' | 'service' | 'refresh';
  /** The client that it was issued to. */
  readonly ownerId: string;
  readonly subject: string;
  /** Space-separated. */
  readonly scope: string;
  readonly audience: string;
  /** Undefined for a refresh token, whose session ends with it. */
  readonly jti: string | undefined;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** By the database, at this moment: not revoked, its session lives, its subject is as it was. */
  readonly isActive: boolean;
}

export interface FindTokenParts extends Base {
  readonly accessTokens: AccessTokens;
  readonly serviceTokens: ServiceTokens;
  readonly validateToken: ValidateToken;
  readonly edgeAudience: string;
  readonly trustDomain: string;
}

/** @returns undefined for what is no token of ours, or has ended: a passport, a text, another's token. */
export type FindToken = (token: string) => Promise<FoundToken | undefined>;

export function createFindToken(parts: FindTokenParts): FindToken {
  const { read: db } = parts.database;
  const now = () => nowOf(parts.clock);

  return async (token) => {
    if (!token.includes('.')) return refreshToken(token);
    return (await accessToken(token)) ?? serviceToken(token);
  };

  async function accessToken(token: string): Promise<FoundToken | undefined> {
    const claims = await parts.accessTokens.verify(token);
    if (claims === undefined) return undefined;
    return {
      kind: 'access',
      ownerId: FIRST_PARTY,
      subject: claims.sub,
      scope: claims.scope,
      audience: parts.edgeAudience,
      jti: claims.jti,
      issuedAt: claims.issuedAt,
      expiresAt: claims.expiresAt,
      isActive: (await parts.validateToken(token)) !== undefined,
    };
  }

  async function serviceToken(token: string): Promise<FoundToken | undefined> {
    const claims = await parts.serviceTokens.verify(token);
    if (claims === undefined) return undefined;
    const [client] = await clients.findMany(db, [claims.clientId], now());
    const isCurrent = client?.disabledAt === undefined && claims.version === client?.version;
    const { clientId, version: _version, ...rest } = claims;
    return {
      ...rest,
      kind: 'service',
      ownerId: clientId,
      subject: clientId,
      audience: parts.trustDomain,
      isActive: isCurrent && !(await changes.isTokenRevoked(db, claims.jti, now())),
    };
  }

  async function refreshToken(token: string): Promise<FoundToken | undefined> {
    const shown = await refreshTokens.find(db, hashRefreshToken(token), now());
    if (shown === undefined) return undefined;
    const { session, usedAt, expiresAt } = shown;
    const isUnused = usedAt === undefined && expiresAt > now();
    return {
      kind: 'refresh',
      ownerId: FIRST_PARTY,
      subject: session?.accountId ?? '',
      scope: session?.narrowedScope ?? '',
      audience: parts.edgeAudience,
      jti: undefined,
      issuedAt: session?.lastUsedAt ?? expiresAt,
      expiresAt,
      isActive: isUnused && session !== undefined && shown.isActive,
    };
  }
}
