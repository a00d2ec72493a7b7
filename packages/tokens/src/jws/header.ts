/** The header of a token, in each profile that is taken, and a memory for headers that proved good. */
import { TokenError } from '../errors.ts';
import { decodeBase64url } from './base64url.ts';
import { type JsonObject, own, parseJsonObject } from './strict-json.ts';

/** What a header says, as sent: compare it before use. */
export interface Header {
  readonly alg: string;
  /** Empty where the profile has none; a token can never send an empty one. */
  readonly kid: string;
  /** Empty where the token has none; a token can never send an empty one. */
  readonly typ: string;
}

/** Reads the decoded header of one profile; throws TokenError `malformed`. */
export type ReadHeader = (bytes: Buffer) => Header;

/** The `kid` of tokens, and of the one key, in the profile without. No header can say it. */
export const NO_KID = '';

const KID = /^[\x21-\x7e]{1,256}$/;
const MAX_KNOWN = 256;
/** Thumbprints of a certificate (RFC 7515, sections 4.1.7 and 4.1.8). They bring no key, unlike x5c. */
const THUMBPRINTS = ['x5t', 'x5t#S256'];

/** Whether a `kid` is one that a token can carry: 1 to 256 visible ASCII characters. */
export function isKid(kid: string): boolean {
  return KID.test(kid);
}

/**
 * The header of every token of Gatehouse: exactly `alg`, `kid` and `typ`. So `crit`, `b64`, `zip` are
 * refused, and so is every way for a token to bring its own key: `jwk`, `jku`, `x5c`, `x5u`
 * (RFC 8725, section 3.10).
 */
export const readStrictHeader: ReadHeader = (bytes) => {
  const header = parseJsonObject(bytes);
  const alg = textMember(header, 'alg');
  const kid = kidMember(header);
  const typ = textMember(header, 'typ');
  assertMembers(header, 3);
  return { alg, kid, typ };
};

/** Another issuer's header: `alg`, `kid`, perhaps `typ`, perhaps thumbprints (ignored), no more. */
export const readForeignHeader: ReadHeader = (bytes) => {
  const header = parseJsonObject(bytes);
  const alg = textMember(header, 'alg');
  const kid = kidMember(header);
  const typ = own(header, 'typ') === undefined ? '' : textMember(header, 'typ');
  if (typ === '' && own(header, 'typ') !== undefined) throw bad('typ');
  const ignored = THUMBPRINTS.filter((name) => own(header, name) !== undefined);
  for (const name of ignored) textMember(header, name);
  assertMembers(header, (typ === '' ? 2 : 3) + ignored.length);
  return { alg, kid, typ };
};

/** A header that may name its key, its kind and a certificate's thumbprints (ignored), or none of them. */
export const readLooseHeader: ReadHeader = (bytes) => {
  const header = parseJsonObject(bytes);
  const alg = textMember(header, 'alg');
  const kid = own(header, 'kid') === undefined ? NO_KID : kidMember(header);
  const typ = own(header, 'typ') === undefined ? '' : textMember(header, 'typ');
  if (typ === '' && own(header, 'typ') !== undefined) throw bad('typ');
  const ignored = THUMBPRINTS.filter((name) => own(header, name) !== undefined);
  for (const name of ignored) textMember(header, name);
  assertMembers(header, 1 + Number(kid !== NO_KID) + Number(typ !== '') + ignored.length);
  return { alg, kid, typ };
};

/** A header with `alg` and nothing else, as issuers with a single key send it. */
export const readBareHeader: ReadHeader = (bytes) => {
  const header = parseJsonObject(bytes);
  const alg = textMember(header, 'alg');
  assertMembers(header, 1);
  return { alg, kid: NO_KID, typ: '' };
};

/**
 * Reads headers of one profile. Those of tokens that proved good are remembered by their exact
 * spelling, since an issuer sends the same few again and again; never more than 256.
 */
export class HeaderReader {
  readonly #read: ReadHeader;
  readonly #known = new Map<string, Header>();
  #latest = '';
  #latestHeader: Header | undefined;

  constructor(read: ReadHeader) {
    this.#read = read;
  }

  /** @throws TokenError `malformed`. */
  read(segment: string): Header {
    // To compare is cheaper than to hash, and most tokens come from one key.
    if (this.#latestHeader !== undefined && segment === this.#latest) return this.#latestHeader;
    return this.#known.get(segment) ?? this.#read(decodeBase64url(segment));
  }

  /** Only after the signature was verified: else anybody could fill the memory. */
  remember(segment: string, header: Header): void {
    if (header === this.#latestHeader) return;
    // A copy: a part of a token would keep the whole token in memory.
    const copy = Buffer.from(segment, 'latin1').toString('latin1');
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(copy, header);
    this.#latest = copy;
    this.#latestHeader = header;
  }
}

function kidMember(header: JsonObject): string {
  const kid = textMember(header, 'kid');
  if (!KID.test(kid)) throw bad('kid');
  return kid;
}

function textMember(header: JsonObject, name: string): string {
  const value = own(header, name);
  if (typeof value !== 'string') throw bad(name);
  return value;
}

function bad(name: string): TokenError {
  return new TokenError('malformed', `header ${name}`);
}

function assertMembers(header: JsonObject, count: number): void {
  if (Object.keys(header).length === count) return;
  throw new TokenError('malformed', 'header member that is not allowed');
}
