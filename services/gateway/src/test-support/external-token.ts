import { sign } from 'node:crypto';
import type { SigningKey } from '@gatehouse/tokens';

/** A token as another issuer signs it: whatever claims are given. */
export function externalToken(by: SigningKey, claims: object, typ = 'JWT'): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: by.alg, kid: by.kid, typ })}.${part(claims)}`;
  const options = { key: by.privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`;
}
