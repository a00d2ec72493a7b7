/** What a client shows to say who it is (RFC 6749, section 2.3; RFC 7523): exactly one thing. */
import type { Credentials } from '../clients/authenticate.ts';
import { badParameter, oauthErrors } from './errors.ts';
import { type Form, formDecode } from './form.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
const BEARER = /^bearer /i;
const MAX_ID = 256;

/**
 * The credentials of a request.
 *
 * A Bearer header is not looked at: a stale token must never keep a client from getting a new one.
 *
 * @param authorizations - every Authorization header.
 * @returns undefined when it shows none.
 * @throws oauth.invalid_request for more than one way, or two ids that differ; oauth.invalid_client
 *   for a way that cannot be read or that there is none of.
 */
export function credentialsOf(
  authorizations: readonly string[],
  form: Form,
): Credentials | undefined {
  const shown = [basicOf(authorizations), postedOf(form), assertionOf(form)].filter(
    (each) => each !== undefined,
  );
  if (shown.length > 1) throw badParameter('client_id', 'is proved in more than one way');
  const [credentials] = shown;
  const named = form.get('client_id');
  if (credentials !== undefined && named !== undefined && named !== credentials.clientId) {
    throw badParameter('client_id', 'is not the client that authenticates');
  }
  return credentials;
}

function basicOf(authorizations: readonly string[]): Credentials | undefined {
  if (authorizations.length > 1) throw oauthErrors.INVALID_REQUEST();
  const [header] = authorizations;
  if (header === undefined || BEARER.test(header)) return undefined;
  const encoded = BASIC.exec(header)?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('latin1');
  const colon = text.indexOf(':');
  if (bytes.toString('base64') !== encoded || colon < 1) throw oauthErrors.INVALID_CLIENT();
  // Each half is form-encoded before the two are put together (RFC 6749, section 2.3.1).
  const clientId = formDecode(text.slice(0, colon));
  const secret = formDecode(text.slice(colon + 1));
  if (clientId === undefined || secret === undefined || clientId.length > MAX_ID) {
    throw oauthErrors.INVALID_CLIENT();
  }
  return { kind: 'secret', clientId, secret };
}

function postedOf(form: Form): Credentials | undefined {
  const secret = form.get('client_secret');
  if (secret === undefined) return undefined;
  const clientId = form.get('client_id');
  if (clientId === undefined) throw badParameter('client_id', 'is missing');
  if (clientId.length > MAX_ID) throw oauthErrors.INVALID_CLIENT();
  return { kind: 'secret', clientId, secret };
}

function assertionOf(form: Form): Credentials | undefined {
  const assertion = form.get('client_assertion');
  const type = form.get('client_assertion_type');
  if (assertion === undefined && type === undefined) return undefined;
  if (assertion === undefined) throw badParameter('client_assertion', 'is missing');
  if (type !== ASSERTION_TYPE) throw badParameter('client_assertion_type', 'is not jwt-bearer');
  return { kind: 'assertion', clientId: form.get('client_id'), assertion };
}
