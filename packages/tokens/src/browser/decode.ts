/** Reads a token without checking that it is genuine: for a screen, never for a decision. */
import { TokenError } from '../errors.ts';
import { type JsonObject, parseObjectText } from '../jws/json.ts';
import { decodeBase64url } from './base64url.ts';

/** Longest token that is looked at, in characters. */
const MAX_TOKEN_LENGTH = 8192;

/** What a token says of itself. Nobody has checked it. */
export interface UnverifiedToken {
  readonly header: JsonObject;
  /** Members are as sent: check their type before use. */
  readonly claims: JsonObject;
}

/** A token taken apart, with what a signature is checked over. */
export interface TokenParts extends UnverifiedToken {
  readonly signingInput: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/**
 * Reads header and claims of a token, to show a name or to know when it ends.
 *
 * Checked: three parts of canonical base64url, of which two are JSON objects in UTF-8 with no member
 * twice; at most 8192 characters. Not checked: the signature, and so whether one word of it is true; who issued it, for
 * whom, and whether it has ended. A server must never do with it what a token allows.
 *
 * @throws TokenError `malformed`.
 */
export function decodeUnverified(token: string): UnverifiedToken {
  const { header, claims } = takeApart(token);
  return { header, claims };
}

/** @throws TokenError `malformed`. */
export function takeApart(token: string): TokenParts {
  const parts = token.length > MAX_TOKEN_LENGTH ? [] : token.split('.');
  const [header = '', claims = '', signature = ''] = parts;
  if (parts.length !== 3 || signature === '') throw new TokenError('malformed', 'three parts');
  return Object.freeze({
    header: jsonObject(header),
    claims: jsonObject(claims),
    signature: decodeBase64url(signature),
    signingInput: new TextEncoder().encode(`${header}.${claims}`),
  });
}

function jsonObject(part: string): JsonObject {
  const bytes = decodeBase64url(part);
  return Object.freeze(parseObjectText(textOf(bytes), bytes));
}

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new TokenError('malformed', 'UTF-8');
  }
}
