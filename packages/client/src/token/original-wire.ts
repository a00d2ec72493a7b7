/** Tokens of an auth server that speaks the original wire: JSON in, a bare JWT out. */
import { clientErrors } from '../errors.ts';
import { type AuthServer, ask, authUrl, refusalOf } from './ask.ts';
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
 * Fetches a token as the original core did: `POST {"clientId","clientSecret"}`, answered with the JWT as
 * text. Its life is read from its `iat` and `exp`.
 *
 * @throws TypeError when the URL is neither `https:` nor `http:` to a loopback address.
 */
export function originalWireToken(options: OriginalWireOptions): FetchToken {
  authUrl(options);
  const { clientId, clientSecret } = options;
  return async (signal) => {
    const credentials = { clientId, clientSecret: await secretNow(clientSecret) };
    const question = {
      accept: 'text/plain',
      contentType: 'application/json',
      body: JSON.stringify(credentials),
    };
    const { status, body, serverTimeMs } = await ask(options, question, signal);
    if (status !== 200) throw refusalOf(status, '');
    if (!JWT.test(body)) {
      throw clientErrors.TOKEN_MALFORMED({ cause: new Error('the answer is no bare JWT') });
    }
    return { token: body, ...(serverTimeMs === undefined ? {} : { serverTimeMs }) };
  };
}
