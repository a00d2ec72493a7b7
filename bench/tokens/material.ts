/** Keys and tokens that every library in this bench verifies, made once in each process. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AccessTokenClaims,
  generateSigningKey,
  mintAccessToken,
  mintPassport,
  type PassportClaims,
  toPublicJwk,
} from '@gatehouse/tokens';

export const ISSUER = 'https://auth.example';
export const EDGE = 'https://edge.example';
export const TRUST_DOMAIN = 'example.internal';
export const GATEWAY = `spiffe://${TRUST_DOMAIN}/gateway`;

export const rsaKey = generateSigningKey('RS256');
export const ecKey = generateSigningKey('ES256');

const NOW = Math.floor(Date.now() / 1000);
/** Longer than any run takes. */
const LIFE_SECONDS = 3_600;

function accessClaims(number: number): AccessTokenClaims {
  return {
    iss: ISSUER,
    aud: EDGE,
    sub: `usr_01h455vb4pex5vsknk084s${String(number).padStart(5, '0')}`,
    client_id: 'web',
    scope: 'board:read board:write',
    roles: ['member'],
    sid: `ses_01h455vb4pex5vsknk084s${String(number).padStart(5, '0')}`,
    sv: 3,
    jti: `tok_01h455vb4pex5vsknk084s${String(number).padStart(5, '0')}`,
    iat: NOW - 10,
    exp: NOW + LIFE_SECONDS,
  };
}

export function passportClaims(number: number): PassportClaims {
  return {
    iss: GATEWAY,
    aud: TRUST_DOMAIN,
    txn: `txn_01h455vb4pex5vsknk084s${String(number).padStart(5, '0')}`,
    jti: `pst_01h455vb4pex5vsknk084s${String(number).padStart(5, '0')}`,
    sub: 'usr_01h455vb4pex5vsknk084sn02q',
    sid: 'ses_01h455vb4pex5vsknk084sn02q',
    sv: 3,
    scope: 'board:write',
    roles: ['member'],
    rctx: { addr: '203.0.113.7', authn: 1, iss: ISSUER },
    tctx: { method: 'gatehouse.board.v1.BoardService/CreatePost' },
    req_wl: GATEWAY,
    iat: NOW - 1,
    exp: NOW + 59,
  };
}

/** The time at which the passports are good: they live for a minute, and a run takes longer. */
export const passportClock = { nowMs: () => NOW * 1000 };
export const passportNowSeconds = NOW;

export function accessTokens(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) =>
    mintAccessToken(rsaKey, accessClaims(number)),
  );
}

export function passports(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => mintPassport(ecKey, passportClaims(number)));
}

/** What raw verification starts with: no decoding, no parsing, no check left to do. */
export function rawParts(token: string): { readonly data: Buffer; readonly signature: Buffer } {
  const at = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(at + 1), 'base64url');
  return { data: Buffer.from(token.slice(0, at)), signature };
}

/** A server of both public keys, for the libraries that fetch. */
export async function serveKeys(): Promise<URL> {
  const keys = [toPublicJwk(rsaKey), toPublicJwk(ecKey, { iss: GATEWAY })];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`);
}
