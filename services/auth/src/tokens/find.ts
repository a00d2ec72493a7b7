/** What a token is and whether it is good now, whatever its kind. */
import type { Clock, Store, VerifyAccessToken } from '../common/base.ts';
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

/** The claims of a service token that was found good by signature, issuer, audience and time. */
export interface GoodServiceToken {
  readonly clientId: string;
  readonly scope: string;
  /** `sv` */
  readonly version: number;
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** @returns undefined for a token that is bad in any way. */
export type VerifyServiceToken = (token: string) => Promise<GoodServiceToken | undefined>;

export interface FindTokenParts {
  readonly store: Store;
  readonly verify: VerifyAccessToken;
  readonly validateToken: ValidateToken;
  readonly verifyServiceToken: VerifyServiceToken;
  /** SHA-256 of a refresh token. */
  readonly hashRefreshToken: (token: string) => Buffer;
  /** The client of our own applications, to which people's tokens are issued. */
  readonly firstParty: string;
  readonly edgeAudience: string;
  readonly trustDomain: string;
  readonly clock: Clock;
}

/** @returns undefined for what is no token of ours, or has ended: a passport, a text, another's token. */
export type FindToken = (token: string) => Promise<FoundToken | undefined>;

export function createFindToken(parts: FindTokenParts): FindToken {
  const { read } = parts.store;
  const now = () => new Date(parts.clock.nowMs());

  return async (token) => {
    if (!token.includes('.')) return refreshToken(token);
    return (await accessToken(token)) ?? serviceToken(token);
  };

  async function accessToken(token: string): Promise<FoundToken | undefined> {
    const good = await parts.verify(token);
    if (good === undefined) return undefined;
    return {
      kind: 'access',
      ownerId: parts.firstParty,
      subject: good.sub,
      scope: good.scope,
      audience: parts.edgeAudience,
      jti: good.jti,
      issuedAt: good.issuedAt,
      expiresAt: good.expiresAt,
      isActive: (await parts.validateToken(token)) !== undefined,
    };
  }

  async function serviceToken(token: string): Promise<FoundToken | undefined> {
    const good = await parts.verifyServiceToken(token);
    if (good === undefined) return undefined;
    const [client] = await read.clients.findMany([good.clientId], now());
    const isCurrent = client?.disabledAt === undefined && good.version === client?.version;
    const { clientId, version: _version, ...rest } = good;
    return {
      ...rest,
      kind: 'service',
      ownerId: clientId,
      subject: clientId,
      audience: parts.trustDomain,
      isActive: isCurrent && !(await read.changes.isTokenRevoked(good.jti, now())),
    };
  }

  async function refreshToken(token: string): Promise<FoundToken | undefined> {
    const state = await read.refreshTokens.find(parts.hashRefreshToken(token));
    if (state === undefined) return undefined;
    const session = await read.sessions.findLive(state.sessionId, now());
    const account = session && (await read.accounts.find(session.accountId));
    const isUnused = state.usedAt === undefined && state.expiresAt > now();
    return {
      kind: 'refresh',
      ownerId: parts.firstParty,
      subject: session?.accountId ?? '',
      scope: session?.narrowedScope ?? '',
      audience: parts.edgeAudience,
      jti: undefined,
      issuedAt: session?.lastUsedAt ?? state.expiresAt,
      expiresAt: state.expiresAt,
      isActive: isUnused && account?.status === 'ACTIVE',
    };
  }
}
