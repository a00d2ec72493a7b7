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

/** How a text whose last character has four unused bits, or two, can end. */
const ENDS_OF_TWO = 'AQgw';
const ENDS_OF_THREE = 'AEIMQUYcgkosw048';

/** Memory that is used over and over, since new memory for each token costs more than its checks. */
export class Workspace {
  readonly #area: Buffer;
  #view: Buffer;

  constructor(byteLength: number) {
    this.#area = Buffer.allocUnsafeSlow(byteLength);
    this.#view = this.#area;
  }

  /**
   * Writes a text that has to be ASCII, and keeps its first bytes.
   *
   * @returns what was kept, good until the next writing; undefined when the text is not ASCII.
   */
  writeAscii(text: string, keep: number): Buffer | undefined {
    return this.#area.write(text, 'utf8') === text.length ? this.#first(keep) : undefined;
  }

  /**
   * As {@link decodeBase64url}, without the round trip. Node skips what is not of the alphabet, so that
   * the result is too short; it takes the signs of plain base64 too, so the caller has to refuse those.
   *
   * @param text - ASCII, without `+` and `/`.
   * @returns good until the next writing.
   * @throws TokenError `malformed` for every spelling but the canonical one.
   */
  decode(text: string): Buffer {
    const length = this.#area.write(text, 'base64url');
    if (length !== Math.floor((text.length * 3) / 4) || !hasCanonicalEnd(text)) {
      throw new TokenError('malformed', 'base64url');
    }
    return this.#first(length);
  }

  // Signatures have one length, and so have most tokens of one issuer.
  #first(length: number): Buffer {
    if (this.#view.length !== length) this.#view = this.#area.subarray(0, length);
    return this.#view;
  }
}

function hasCanonicalEnd(text: string): boolean {
  const rest = text.length % 4;
  if (rest === 0) return true;
  const last = text.charAt(text.length - 1);
  return (rest === 2 && ENDS_OF_TWO.includes(last)) || (rest === 3 && ENDS_OF_THREE.includes(last));
}

/** Encodes without padding. A string is taken as UTF-8. */
export function encodeBase64url(data: Uint8Array | string): string {
  const bytes =
    typeof data === 'string'
      ? Buffer.from(data, 'utf8')
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return bytes.toString('base64url');
}
