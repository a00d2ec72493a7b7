/**
 * Tokens with one thing wrong, to show that they are rejected. The only place outside auth and the
 * gateway that mints anything.
 */
import { randomUUID } from 'node:crypto';
import {
  type AccessTokenClaims,
  generateSigningKey,
  mintAccessToken,
  mintPassport,
  type Signer,
} from '@gatehouse/tokens';

/** The same token with an admin's roles and the old signature. */
export function altered(token: string): string {
  const [header = '', , signature = ''] = token.split('.');
  const claims = { ...claimsOf(token), roles: ['member', 'admin'] };
  return `${header}.${encoded(claims)}.${signature}`;
}

/** The same claims signed by our own key under the id of auth's. */
export function forged(token: string): string {
  const { kid } = headerOf(token);
  return mintAccessToken({ ...generateSigningKey('RS256'), kid }, claimsOf(token));
}

/** The same claims without a signature. */
export function unsigned(token: string): string {
  const [, payload = ''] = token.split('.');
  return `${encoded({ ...headerOf(token), alg: 'none' })}.${payload}.`;
}

/** The same token with some claims changed, signed by auth's own key. */
export function signedAgain(
  token: string,
  authKey: Signer,
  changes: Partial<AccessTokenClaims>,
): string {
  return mintAccessToken(authKey, { ...claimsOf(token), ...changes });
}

/** A well-formed passport, signed by an unregistered key. */
export function passport(): string {
  const identity = 'spiffe://gatehouse.local/gateway';
  const now = Math.floor(Date.now() / 1000);
  return mintPassport(generateSigningKey('ES256'), {
    iss: identity,
    aud: 'gatehouse.local',
    txn: randomUUID(),
    jti: randomUUID(),
    sub: `usr_${'0'.repeat(26)}`,
    scope: 'board:write',
    rctx: {},
    tctx: { method: 'gatehouse.board.v1.BoardService/CreatePost' },
    req_wl: identity,
    iat: now,
    exp: now + 60,
  });
}

function headerOf(token: string): { readonly kid: string } {
  return JSON.parse(decoded(token.split('.')[0]));
}

function claimsOf(token: string): AccessTokenClaims {
  return JSON.parse(decoded(token.split('.')[1]));
}

function decoded(part = ''): string {
  return Buffer.from(part, 'base64url').toString('utf8');
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
