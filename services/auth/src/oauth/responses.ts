/** Responses of the OAuth endpoints: JSON, never stored by anyone (RFC 6749, sections 5.1 and 5.2). */
import type { HttpFailure, HttpResponse } from '@gatehouse/chassis/http';
import type { GatehouseError } from '@gatehouse/errors';

const CHALLENGE = 'Basic realm="gatehouse", charset="UTF-8"';
const NEVER_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** 200 with JSON. */
export function jsonResponse(body: object): HttpResponse {
  return { contentType: 'application/json', headers: NEVER_STORED, body: JSON.stringify(body) };
}

/** A failure in the words of RFC 6749. */
export function oauthErrorResponse({ error, status, headers }: HttpFailure): HttpResponse {
  const isUnreadable = error.code.startsWith('http.');
  // 401 whichever way was tried; the challenge names the one that HTTP knows (RFC 9110, 11.6.1).
  const challenge = status === 401 ? { 'www-authenticate': CHALLENGE } : {};
  return {
    ...jsonResponse(isUnreadable ? unreadable(status) : described(error)),
    status: isUnreadable && status !== 413 ? 400 : status,
    headers: { ...headers, ...NEVER_STORED, ...challenge },
  };
}

function unreadable(status: number): object {
  const error_description = status === 413 ? 'The body is too large.' : 'The body is not a form.';
  return { error: 'invalid_request', error_description };
}

function described(error: GatehouseError): object {
  const details = error.fields.map(({ pointer, detail }) =>
    `${pointer.slice(1)} ${detail}.`.trim(),
  );
  return { error: nameOf(error), error_description: [error.message, ...details].join(' ') };
}

function nameOf({ code, httpStatus }: GatehouseError): string {
  if (code.startsWith('oauth.')) return code.slice('oauth.'.length);
  return httpStatus === 503 || httpStatus === 429 ? 'temporarily_unavailable' : 'server_error';
}
