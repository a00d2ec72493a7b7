/** One request to an auth server: a connection of its own, bounded in time and size, no redirect. */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { GatehouseError } from '@gatehouse/errors';
import { clientErrors } from '../errors.ts';

/** Where the auth server is, and how it is reached. */
export interface AuthServer {
  /** `https:`; `http:` for a loopback address, or with `allowPlain`. */
  readonly url: URL | string;
  /** Secrets may travel in the clear: in a network that is trusted for it. Default false. */
  readonly allowPlain?: boolean;
  /** TLS of the connection, asked for each one: `() => tlsFiles.connectOptions(spiffeId)`. */
  readonly tls?: () => ConnectionOptions;
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** Longest silence once connected. Default 3,000. */
  readonly readTimeoutMs?: number;
}

/** What is sent. */
export interface TokenRequest {
  readonly contentType: string;
  readonly accept: string;
  readonly authorization?: string;
  readonly body: string;
}

/** What came back. */
export interface TokenResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** The `Date` header in milliseconds since the epoch. */
  readonly serverTimeMs?: number;
}

const MAX_RESPONSE_BYTES = 64 * 1024;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Where secrets may be sent.
 *
 * @throws TypeError when the URL is neither `https:` nor `http:` to a loopback address.
 */
export function authUrl({ url: given, allowPlain = false }: AuthServer): URL {
  const url = new URL(given);
  const mayBePlain = allowPlain || LOOPBACK.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && mayBePlain)) return url;
  throw new TypeError('secrets go over https, or over http to a loopback address');
}

/**
 * Posts to the auth server.
 *
 * @throws GatehouseError `client.token_unreachable` when no whole response came in time;
 *   `client.token_malformed` when it is above 64 kB.
 */
export async function postTo(
  server: AuthServer,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<TokenResponse> {
  try {
    return await responseTo(server, request, signal);
  } catch (thrown) {
    if (thrown instanceof GatehouseError) throw thrown;
    throw clientErrors.TOKEN_UNREACHABLE({ cause: thrown });
  }
}

function responseTo(
  server: AuthServer,
  sent: TokenRequest,
  signal: AbortSignal,
): Promise<TokenResponse> {
  const { connectTimeoutMs = 3_000, readTimeoutMs = 3_000 } = server;
  const url = authUrl(server);
  const request = url.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const headers = headersOf(sent);
    // No agent: a connection each time, so that a renewed certificate is used.
    const options = { ...server.tls?.(), method: 'POST', agent: false, headers, signal };
    const outgoing = request(url, options, (response) => {
      readResponse(response).then(resolve, reject);
    });
    const late = (what: string) => () => outgoing.destroy(new Error(`the auth server ${what}`));
    const timer = setTimeout(late('could not be connected to in time'), connectTimeoutMs).unref();
    outgoing.once('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer);
        outgoing.setTimeout(readTimeoutMs, late('was silent for too long'));
      });
    });
    outgoing.once('close', () => clearTimeout(timer));
    outgoing.once('error', reject);
    outgoing.end(sent.body);
  });
}

function headersOf(sent: TokenRequest): Record<string, string | number> {
  return {
    accept: sent.accept,
    'content-type': sent.contentType,
    'content-length': Buffer.byteLength(sent.body),
    ...(sent.authorization === undefined ? {} : { authorization: sent.authorization }),
  };
}

async function readResponse(response: IncomingMessage): Promise<TokenResponse> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_RESPONSE_BYTES) {
      response.destroy();
      throw clientErrors.TOKEN_MALFORMED({ cause: new Error('the response is above 64 kB') });
    }
    chunks.push(chunk);
  }
  const serverTimeMs = Date.parse(response.headers.date ?? '');
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(chunks).toString('utf8'),
    ...(Number.isNaN(serverTimeMs) ? {} : { serverTimeMs }),
  };
}

const BUSY: ReadonlySet<number> = new Set([408, 425, 429]);

/** What a response without a token means: `client.token_refused`, `…_unreachable`, `…_malformed`. */
export function refusalOf(status: number, reason: string): GatehouseError {
  const cause = new Error(`the auth server responded with ${status}${reason}`);
  if (status >= 500 || BUSY.has(status)) return clientErrors.TOKEN_UNREACHABLE({ cause });
  if (status >= 400) return clientErrors.TOKEN_REFUSED({ cause });
  return clientErrors.TOKEN_MALFORMED({ cause });
}
