/** An issuer that is not ours: discovery, a key set, and RS256 tokens as any provider signs them. */
import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const AUDIENCE = 'https://api.example';

/** A running issuer. */
export interface Issuer {
  readonly url: string;
  /** `claims` replace the defaults: a person with the scope `items:read`, for an hour. */
  token(claims?: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

/** @param options.kid - of its key. Default: its own. */
export async function startIssuer(options: { readonly kid?: string } = {}): Promise<Issuer> {
  const { kid = randomUUID() } = options;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwks = {
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }],
  };
  const server = createServer((request, response) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks` },
      '/.well-known/oauth-authorization-server': { issuer: url, jwks_uri: `${url}/jwks` },
      '/jwks': jwks,
    };
    const document = documents[request.url ?? ''];
    response.statusCode = document === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token: (claims) => signed({ privateKey, kid, payload: { ...personOf(url), ...claims } }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function personOf(iss: string): Readonly<Record<string, unknown>> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return {
    iss,
    aud: AUDIENCE,
    sub: 'ada',
    scope: 'items:read',
    jti: randomUUID(),
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  };
}

function signed(parts: {
  readonly privateKey: KeyObject;
  readonly kid: string;
  readonly payload: unknown;
}): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'RS256', typ: 'at+jwt', kid: parts.kid })}.${encode(parts.payload)}`;
  return `${input}.${sign('sha256', Buffer.from(input), parts.privateKey).toString('base64url')}`;
}
