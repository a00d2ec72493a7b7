/** What the stages behind identification need of a verified token, whoever issued it. */
import { type AccessSubject, subjectOfAccessToken } from '@gatehouse/access';

/** Claims at the edge. Those of our own access tokens are such; another issuer's are mapped to it. */
export interface EdgeClaims {
  readonly iss: string;
  readonly sub: string;
  /** Scopes with one space between each. */
  readonly scope: string;
  readonly roles: readonly string[];
  readonly exp: number;
  readonly sid?: string;
  readonly sv?: number;
  /** 0 to 255; absent: 0. */
  readonly auth_level?: number;
  /** Of an issuer that is not ours: its `sub` is a person's, whatever it looks like. */
  readonly external?: true;
}

/** Whom a request speaks for. @param claims - undefined: it came without a token. */
export function subjectOf(claims: EdgeClaims | undefined): AccessSubject {
  if (claims?.external !== true) return subjectOfAccessToken(claims);
  return {
    kind: 'person',
    id: claims.sub,
    scopes: claims.scope === '' ? [] : claims.scope.split(' '),
    roles: claims.roles,
    authLevel: claims.auth_level ?? 0,
  };
}
