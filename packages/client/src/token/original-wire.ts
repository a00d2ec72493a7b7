/** Tokens of an auth server that speaks the original wire: JSON in, a bare JWT out. */
import { clientErrors } from '../errors.ts';
import { type AuthServer, authUrl, postTo, refusalOf } from './auth-server.ts';
import type { FetchToken } from './manager.ts';
import { type Secret, secretNow } from './secret.ts';

/** An auth server, and who asks. */
export interface OriginalWireOptions extends AuthServer {
  /** The whole address: `http://127.0.0.1:8091/msa/auth/api/token`. */
  readonly url: URL | string;
  readonly clientId: string;
  readonly clientSecret: Secret;
}

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Makes a fetcher of tokens as the original core fetched them: `POST {"clientId","clientSecret"}`, whose response is the JWT as
 * text. Its life is read from its `iat` and `exp`.
 *
 * @example
 * ```ts
 * import { createTokenManager, originalWireToken, secretFromFile } from '@gatehouse/client';
 *
 * const tokens = createTokenManager({
 *   fetchToken: originalWireToken({
 *     url: 'http://127.0.0.1:8091/msa/auth/api/token',
 *     clientId: 'core',
 *     clientSecret: secretFromFile('/run/secrets/core'),
 *   }),
 * });
 * ```
 *
 * @throws TypeError when the URL is neither `https:` nor `http:` to a loopback address.
 */
export function originalWireToken(options: OriginalWireOptions): FetchToken {
  authUrl(options);
  const { clientId, clientSecret } = options;
  return async (signal) => {
    const credentials = { clientId, clientSecret: await secretNow(clientSecret) };
    const request = {
      accept: 'text/plain',
      contentType: 'application/json',
      body: JSON.stringify(credentials),
    };
    const { status, body, serverTimeMs } = await postTo(options, request, signal);
    if (status !== 200) throw refusalOf(status, '');
    if (!JWT.test(body)) {
      throw clientErrors.TOKEN_MALFORMED({ cause: new Error('the response is no bare JWT') });
    }
    return { token: body, ...(serverTimeMs === undefined ? {} : { serverTimeMs }) };
  };
}
