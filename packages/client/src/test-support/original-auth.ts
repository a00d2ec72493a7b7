/**
 * An auth server that behaves as the original did: one RSA key, tokens of `iss`, `sub`, `iat`, `exp` and
 * a header of `alg` alone, on raw node:http.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@gatehouse/tokens';

/** An original auth server that runs. */
export interface OriginalAuth {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly publicKeyUrl: string;
  /** How often a token was asked for. */
  readonly asked: number;
  /** How far its clock is off, in milliseconds. */
  offMs: number;
  /** Whether it closes connections instead of answering. */
  isAway: boolean;
  /** The secret that it takes. */
  secret: string;
  /** Signs with a new key from now on, and publishes that one alone. */
  changeKey(): void;
  close(): Promise<void>;
}

const REFUSAL = 'Unauthorized: invalid_client or secret mismatch';
const TEXT = 'text/plain;charset=UTF-8';
const TTL_SECONDS = 300;

export const ORIGINAL_CLIENT = { clientId: 'core', clientSecret: 'a-secret-of-the-original' };

/** Starts one on a free port. */
export async function startOriginalAuth(clock: Clock): Promise<OriginalAuth> {
  let key = newKey();
  const state = { asked: 0, offMs: 0, isAway: false, secret: ORIGINAL_CLIENT.clientSecret };
  const server = createServer((request, response) => {
    if (state.isAway) request.socket.destroy();
    else void answer(request, response);
  });
  const text = (response: ServerResponse, status: number, body: string, isHead = false): void => {
    response.writeHead(status, {
      'content-type': TEXT,
      'content-length': Buffer.byteLength(body),
      date: new Date(clock.nowMs() + state.offMs).toUTCString(),
    });
    response.end(isHead ? undefined : body);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/msa/auth/api/public-key') {
      const spki = key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
      return text(response, 200, spki, request.method === 'HEAD');
    }
    if (request.url !== '/msa/auth/api/token') return text(response, 404, '');
    state.asked += 1;
    const given = (await readJson(request)) as { clientId?: unknown; clientSecret?: unknown };
    const { clientId, clientSecret } = given;
    const isKnown = clientId === ORIGINAL_CLIENT.clientId && clientSecret === state.secret;
    if (!isKnown) return text(response, 401, REFUSAL);
    const iat = Math.floor((clock.nowMs() + state.offMs) / 1_000);
    const claims = { iss: 'auth-server', sub: clientId, iat, exp: iat + TTL_SECONDS };
    text(response, 200, signed(key.privateKey, claims));
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    url,
    issuer: 'auth-server',
    tokenUrl: `${url}/msa/auth/api/token`,
    publicKeyUrl: `${url}/msa/auth/api/public-key`,
    changeKey: () => {
      key = newKey();
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

function signed(key: KeyObject, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  try {
    return Object(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  } catch {
    return {};
  }
}
