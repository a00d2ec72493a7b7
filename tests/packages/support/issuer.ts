/** An issuer over HTTP: its key set, and tokens that it signs. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AccessTokenClaims,
  generateSigningKey,
  mintAccessToken,
  toPublicJwk,
} from '@gatehouse/tokens';

/** What every sample expects of a token. */
const AUDIENCE = 'https://edge.gatehouse.local';

/** An issuer that answers. */
export interface Issuer {
  readonly url: string;
  /** A token of a member who may write, but for what is said otherwise. */
  token(change?: Partial<AccessTokenClaims>): string;
  /** As {@link token}, signed with a key that is not published. */
  forged(): string;
  close(): Promise<void>;
}

/**
 * Starts an issuer on a free port of the loopback.
 *
 * @param also - answers what the issuer does not; gives undefined for what it does not know either.
 */
export async function startIssuer(
  also: (path: string, issuer: Issuer) => Promise<Page | undefined> = async () => undefined,
): Promise<Issuer> {
  const key = generateSigningKey('RS256');
  const stranger = { ...generateSigningKey('RS256'), kid: key.kid };
  const server = createServer((request, response) => {
    answer(request.url ?? '/').then(
      (page) =>
        response.writeHead(page.status ?? 200, { 'content-type': page.type }).end(page.body),
      () => response.writeHead(500).end(),
    );
  });
  const answer = async (path: string): Promise<Page> => {
    if (path === '/.well-known/openid-configuration') {
      const body = JSON.stringify({ issuer: url, jwks_uri: `${url}/.well-known/jwks.json` });
      return { type: 'application/json', body };
    }
    if (path === '/.well-known/jwks.json') {
      const body = JSON.stringify({ keys: [toPublicJwk(key)] });
      return { type: 'application/jwk-set+json', body };
    }
    return (await also(path, issuer)) ?? { status: 404, type: 'text/plain', body: '' };
  };
  const url = `http://127.0.0.1:${await listen(server)}`;
  const mint = (signer: typeof key, change: Partial<AccessTokenClaims> = {}) =>
    mintAccessToken(signer, { ...claims(url), ...change });
  const issuer: Issuer = {
    url,
    token: (change) => mint(key, change),
    forged: () => mint(stranger),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

/** One answer. */
export interface Page {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function claims(issuer: string): AccessTokenClaims {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: AUDIENCE,
    sub: 'usr_sample',
    client_id: 'web',
    scope: 'board:read board:write',
    roles: ['member'],
    sid: 'ses_sample',
    sv: 1,
    jti: 'tok_sample',
    iat: nowSeconds,
    exp: nowSeconds + 900,
  };
}
