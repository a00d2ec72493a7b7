import { TokenError } from '../errors.ts';

/**
 * Decodes canonical base64url (RFC 4648, section 5, and RFC 7515, section 2): no padding, no
 * whitespace, unused bits zero, so that one value has one spelling only.
 *
 * @throws TokenError `malformed` for every other spelling.
 */
export function decodeBase64url(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  // Node decodes leniently; only the canonical spelling survives the round trip.
  if (bytes.toString('base64url') !== text) throw new TokenError('malformed', 'base64url');
  return bytes;
}

/** Encodes without padding. A string is taken as UTF-8. */
export function encodeBase64url(data: Uint8Array | string): string {
  const bytes =
    typeof data === 'string'
      ? Buffer.from(data, 'utf8')
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return bytes.toString('base64url');
}
