/** The compact serialisation of a JWS (RFC 7515, section 7.1), read and written strictly. */
import { TokenError } from '../errors.ts';
import type { Algorithm, Signer } from '../keys/types.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { signBytes } from './signature.ts';
import { type JsonObject, own, parseJsonObject } from './strict-json.ts';

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8192;

const KID = /^[\x21-\x7e]{1,256}$/;
const HEADER_MEMBERS = 3;

/** The header that every token of Gatehouse has: these three members and no other. */
export interface Header {
  /** As sent: compare it before use. */
  readonly alg: string;
  readonly kid: string;
  readonly typ: string;
}

/** A token taken apart. Nothing in it is verified. */
export interface ParsedToken {
  readonly header: Header;
  /** What is signed. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
  /** Payload, still as bytes: parse it after the signature is verified. */
  readonly payload: Buffer;
}

/**
 * Takes a token apart.
 *
 * The header must have exactly `alg`, `kid` and `typ`. So `crit`, `b64`, `zip` are refused, and so is
 * every way for a token to bring its own key: `jwk`, `jku`, `x5c`, `x5u` (RFC 8725, section 3.10).
 *
 * @throws TokenError `malformed`.
 */
export function parseCompact(token: string): ParsedToken {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) {
    throw new TokenError('malformed', 'length');
  }
  const first = token.indexOf('.');
  const last = token.lastIndexOf('.');
  if (first < 1 || last <= first + 1 || last === token.length - 1) {
    throw new TokenError('malformed', 'three parts');
  }
  // A dot too many lands in the payload's part, where it is no base64url.
  const payload = decodeBase64url(token.slice(first + 1, last));
  const header = readHeader(decodeBase64url(token.slice(0, first)));
  const signature = decodeBase64url(token.slice(last + 1));
  return { header, payload, signature, signingInput: Buffer.from(token.slice(0, last), 'latin1') };
}

function readHeader(bytes: Buffer): Header {
  const header = parseJsonObject(bytes);
  const alg = textMember(header, 'alg');
  const kid = textMember(header, 'kid');
  const typ = textMember(header, 'typ');
  if (!KID.test(kid)) throw new TokenError('malformed', 'header kid');
  if (Object.keys(header).length !== HEADER_MEMBERS) {
    throw new TokenError('malformed', 'header member that is not allowed');
  }
  return { alg, kid, typ };
}

function textMember(header: JsonObject, name: string): string {
  const value = own(header, name);
  if (typeof value !== 'string') throw new TokenError('malformed', `header ${name}`);
  return value;
}

/** What {@link signCompact} writes into the header beside the signer's `kid`. */
export interface TokenForm {
  readonly typ: string;
  readonly alg: Algorithm;
}

/**
 * Makes a token.
 *
 * @throws TypeError when the signer's algorithm or key is another one than this kind of token has.
 * @throws RangeError when the token would be longer than {@link MAX_TOKEN_LENGTH}.
 */
export function signCompact(signer: Signer, form: TokenForm, claims: object): string {
  assertSigner(signer, form.alg);
  const header = { alg: form.alg, kid: signer.kid, typ: form.typ };
  const input = `${encodeBase64url(JSON.stringify(header))}.${encodeBase64url(JSON.stringify(claims))}`;
  const signature = signBytes(Buffer.from(input, 'latin1'), form.alg, signer.privateKey);
  const token = `${input}.${encodeBase64url(signature)}`;
  if (token.length > MAX_TOKEN_LENGTH) throw new RangeError('the token would be too long');
  return token;
}

function assertSigner(signer: Signer, alg: Algorithm): void {
  if (signer.alg !== alg) throw new TypeError(`this kind of token is signed with ${alg}`);
  if (!KID.test(signer.kid)) throw new TypeError('the kid of the signer is not as it must be');
  const expected = alg === 'RS256' ? 'rsa' : 'ec';
  if (signer.privateKey.asymmetricKeyType !== expected) {
    throw new TypeError(`${alg} needs a key of type ${expected}`);
  }
}
