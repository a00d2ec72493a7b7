import { TokenError } from '../errors.ts';

/**
 * Decodes canonical base64url (RFC 4648, section 5), without anything of Node.
 *
 * @throws TokenError `malformed` for every other spelling.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  const binary = decode(text);
  // Browsers decode leniently; only the canonical spelling survives the round trip.
  if (encode(binary) !== text) throw new TokenError('malformed', 'base64url');
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function decode(text: string): string {
  try {
    return atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    throw new TokenError('malformed', 'base64url');
  }
}

function encode(binary: string): string {
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
