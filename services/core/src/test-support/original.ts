/** Auth and extension as the original ones behave, on raw node:http: one key, tokens without kind or key. */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = { clientId: 'core-server', clientSecret: 'a-secret-of-the-original' };
const REFUSAL = 'Unauthorized: invalid_client or secret mismatch';

export interface OriginalServers {
  readonly tokenUrl: string;
  readonly extensionUrl: string;
  /** How many tokens were given. */
  readonly tokens: number;
  /** How many updates were refused as 401. */
  readonly refused: number;
  /** Signs with another key from now on; extension knows that one alone. */
  changeKey(): void;
  close(): Promise<void>;
}

/** Starts both on free ports. @param nowMs - when tokens are issued. */
export async function startOriginals(nowMs: number): Promise<OriginalServers> {
  let key = newKey();
  const state = { tokens: 0, refused: 0 };
  const auth = await listen(async (request) => {
    const { clientId, clientSecret } = JSON.parse(await bodyOf(request));
    const isKnown = clientId === CLIENT.clientId && clientSecret === CLIENT.clientSecret;
    if (request.url !== '/msa/auth/api/token' || !isKnown) return { status: 401, text: REFUSAL };
    state.tokens += 1;
    const iat = Math.floor(nowMs / 1_000);
    const claims = { iss: 'auth-server', sub: clientId, iat, exp: iat + 300 };
    return { status: 200, text: signed(key.privateKey, claims) };
  });
  const extension = await listen(async (request) => {
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!isGood(key.publicKey, token)) {
      state.refused += 1;
      return { status: 401, text: '' };
    }
    const userId = request.url?.split('/').at(-1);
    const [, asset = '', day = ''] =
      /"asset":(\d+),"snapshotDay":"([\d-]+)"/.exec(await bodyOf(request)) ?? [];
    const data = `{"userId":${userId},"originalAsset":${asset},"multiplier":1.0123456789012345,"updatedAsset":${BigInt(asset) + 5n},"date":"${day}"}`;
    const text = `{"resultCode":"S","message":"Update asset success","data":${data}}`;
    return { status: 200, text, type: 'application/json' };
  });
  return Object.assign(state, {
    tokenUrl: `${urlOf(auth)}/msa/auth/api/token`,
    extensionUrl: urlOf(extension),
    changeKey: () => {
      key = newKey();
    },
    close: async () => {
      for (const server of [auth, extension]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  });
}

interface Said {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

async function listen(respond: (request: IncomingMessage) => Promise<Said>): Promise<Server> {
  const server = createServer((request, response) => {
    void respond(request).then(({ status, text, type = 'text/plain;charset=UTF-8' }) => {
      const length = Buffer.byteLength(text);
      // Their clock is the test's.
      response.sendDate = false;
      response.writeHead(status, { 'content-type': type, 'content-length': length }).end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function newKey(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}

function signed(key: KeyObject, claims: object): string {
  const input = [{ alg: 'RS256' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

function isGood(key: KeyObject, token: string): boolean {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const input = Buffer.from(`${header}.${claims}`);
  return verify('sha256', input, key, Buffer.from(signature, 'base64url'));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
