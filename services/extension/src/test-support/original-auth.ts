/** The public key of an auth server that behaves as the original did, and tokens as it signs them. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ISSUER = 'auth-server';

export interface OriginalAuth {
  readonly keyUrl: string;
  /** Whether it closes connections instead of responding. */
  isAway: boolean;
  /** A token of `core`, good for five minutes, but for what is given. */
  token(claims?: object, header?: object): string;
  /** Signs with another key from now on, and publishes that one alone. */
  changeKey(): void;
  close(): Promise<void>;
}

/** @param nowMs - the moment at which all tokens are issued. */
export async function startOriginalAuth(nowMs: number): Promise<OriginalAuth> {
  let key = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const server = createServer((request, response) => {
    if (auth.isAway) return void request.socket.destroy();
    response.setHeader('content-type', 'text/plain;charset=UTF-8');
    response.end(key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'));
  });
  const auth: OriginalAuth = {
    get keyUrl() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/msa/auth/api/public-key`;
    },
    isAway: false,
    token: (claims = {}, header = {}) => {
      const iat = Math.floor(nowMs / 1_000);
      const payload = { iss: ISSUER, sub: 'core', iat, exp: iat + 300, ...claims };
      const input = [{ alg: 'RS256', ...header }, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.');
      return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
    },
    changeKey: () => {
      key = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return auth;
}
