/** Tokens by the client credentials grant (RFC 6749, section 4.4). */
import type { KeyObject } from 'node:crypto';
import { type Clock, signClientAssertion, systemClock } from '@gatehouse/tokens';
import { clientErrors } from '../errors.ts';
import {
  type AuthServer,
  authUrl,
  postTo,
  refusalOf,
  type TokenRequest,
  type TokenResponse,
} from './auth-server.ts';
import type { FetchedToken } from './life.ts';
import type { FetchToken } from './manager.ts';
import { type Secret, secretNow } from './secret.ts';

/** How a client proves who it is. */
export type ClientProof =
  /** RFC 6749, section 2.3.1: in the `Authorization` header unless told otherwise. */
  | { readonly clientSecret: Secret; readonly sendSecretIn?: 'header' | 'body' }
  /** RFC 7523, section 2.2, `private_key_jwt`: signs a new assertion for each request. */
  | {
      /** RSA of 2048 bits or more, or P-256. A function is called each time. */
      readonly privateKey: KeyObject | (() => KeyObject | Promise<KeyObject>);
      /** For whom it is signed. Default: the token URL. */
      readonly audience?: string;
      readonly clock?: Clock;
    };

/** An auth server, and who asks for what. */
export type ClientCredentialsOptions = Omit<AuthServer, 'url'> &
  ClientProof & {
    /** The whole address: `https://localhost:7412/oauth2/token`. */
    readonly tokenUrl: URL | string;
    readonly clientId: string;
    /** Space-separated. Default: what the server gives. */
    readonly scope?: string | undefined;
    /** RFC 8707; for servers that want to be told. */
    readonly resource?: string;
  };

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Makes a fetcher of tokens by the client credentials grant (RFC 6749, section 4.4), for `createTokenManager`.
 *
 * @example
 * ```ts
 * import { clientCredentialsToken, createTokenManager, secretFromFile } from '@gatehouse/client';
 *
 * const tokens = createTokenManager({
 *   fetchToken: clientCredentialsToken({
 *     tokenUrl: 'https://auth.example.org/oauth2/token',
 *     clientId: 'core',
 *     clientSecret: secretFromFile('/run/secrets/core'),
 *     scope: 'asset:update',
 *   }),
 * });
 * ```
 *
 * @throws TypeError when the URL is neither `https:` nor `http:` to a loopback address.
 */
export function clientCredentialsToken(options: ClientCredentialsOptions): FetchToken {
  const server: AuthServer = { ...options, url: options.tokenUrl };
  authUrl(server);
  return async (signal) => {
    const response = await postTo(server, await requestOf(options), signal);
    if (response.status !== 200) throw refusalOf(response.status, errorCodeOf(response));
    return tokenOf(response);
  };
}

async function requestOf(options: ClientCredentialsOptions): Promise<TokenRequest> {
  const { clientId, scope, resource } = options;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (resource !== undefined) form.set('resource', resource);
  const common = { accept: 'application/json', contentType: 'application/x-www-form-urlencoded' };
  if ('privateKey' in options) {
    const { privateKey, audience = String(options.tokenUrl), clock = systemClock } = options;
    const key = typeof privateKey === 'function' ? await privateKey() : privateKey;
    const nowMs = clock.nowMs();
    const signed = signClientAssertion({ clientId, audience, privateKey: key, nowMs });
    form.set('client_id', clientId);
    form.set('client_assertion_type', ASSERTION_TYPE);
    form.set('client_assertion', signed);
    return { ...common, body: form.toString() };
  }
  const secret = await secretNow(options.clientSecret);
  if (options.sendSecretIn === 'body') {
    form.set('client_id', clientId);
    form.set('client_secret', secret);
    return { ...common, body: form.toString() };
  }
  return { ...common, body: form.toString(), authorization: basic(clientId, secret) };
}

/** Each half is form-encoded before they are joined: RFC 6749, section 2.3.1. */
function basic(clientId: string, secret: string): string {
  const [id, password] = [clientId, secret].map((part) =>
    new URLSearchParams({ '': part }).toString().slice(1),
  );
  return `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`;
}

interface TokenBody {
  readonly access_token?: unknown;
  readonly token_type?: unknown;
  readonly expires_in?: unknown;
  readonly error?: unknown;
}

/** RFC 6749, section 5.1. */
function tokenOf({ body, serverTimeMs }: TokenResponse): FetchedToken {
  const response = parse(body);
  const { access_token: token, token_type: type, expires_in: seconds } = response;
  if (typeof token !== 'string') throw malformed('it has no access_token');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    throw malformed('its token_type is not Bearer');
  }
  if (seconds !== undefined && !(typeof seconds === 'number' && seconds > 0)) {
    throw malformed('its expires_in is no number above 0');
  }
  return {
    token,
    ...(seconds === undefined ? {} : { lifeMs: seconds * 1_000 }),
    ...(serverTimeMs === undefined ? {} : { serverTimeMs }),
  };
}

function parse(body: string): TokenBody {
  try {
    const parsed: unknown = JSON.parse(body);
    return Object(parsed);
  } catch {
    // Not quoted: it may hold a token.
    throw malformed('it is no JSON');
  }
}

/** RFC 6749, section 5.2: a registered word, and nothing else that the server says. */
function errorCodeOf({ body }: TokenResponse): string {
  try {
    const { error } = parse(body);
    return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? ` ${error}` : '';
  } catch {
    return '';
  }
}

function malformed(why: string) {
  return clientErrors.TOKEN_MALFORMED({ cause: new Error(`the response is not usable: ${why}`) });
}
