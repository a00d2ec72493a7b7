/** The compact serialisation of a JWS (RFC 7515, section 7.1), read and written strictly. */
import { TokenError } from '../errors.ts';
import type { Algorithm, Signer } from '../keys/types.ts';
import { decodeBase64url, encodeBase64url, Workspace } from './base64url.ts';
import { type Header, type HeaderReader, isKid } from './header.ts';
import { signBytes, signBytesAside } from './signature.ts';
import { type JsonObject, parseJsonObject } from './strict-json.ts';

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8192;

/** A token taken apart. Nothing in it is verified. */
export interface ParsedToken {
  readonly header: Header;
  /** The header as spelt in the token. */
  readonly headerSegment: string;
  /** What is signed. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
  /** Payload, still as bytes: parse it after the signature is verified. */
  readonly payload: Buffer;
}

/** Where the parts of a token end. */
interface Dots {
  readonly first: number;
  readonly last: number;
}

// Four bytes more, so that the longest token with a character beyond ASCII shows as longer.
const signedArea = new Workspace(MAX_TOKEN_LENGTH + 4);
const payloadArea = new Workspace(MAX_TOKEN_LENGTH);
const signatureArea = new Workspace(MAX_TOKEN_LENGTH);

/**
 * Takes a token apart. What its header must be is the reader's to say.
 *
 * The buffers returned are good until the next call: use them before anything is awaited.
 *
 * @throws TokenError `malformed`.
 */
export function parseCompact(token: string, headers: HeaderReader): ParsedToken {
  const { first, last } = findDots(token);
  const signingInput = signedArea.writeAscii(token, last);
  // What Workspace.decode leaves to its caller.
  if (signingInput === undefined || token.includes('+') || token.includes('/')) {
    throw new TokenError('malformed', 'base64url');
  }
  const headerSegment = token.slice(0, first);
  const header = headers.read(headerSegment);
  const payload = payloadArea.decode(token.slice(first + 1, last));
  const signature = signatureArea.decode(token.slice(last + 1));
  return { header, headerSegment, payload, signature, signingInput };
}

/**
 * The payload of a token of which nothing was verified: to choose who shall verify it, for nothing else.
 *
 * @throws TokenError `malformed`.
 */
export function peekPayload(token: string): JsonObject {
  const { first, last } = findDots(token);
  return parseJsonObject(decodeBase64url(token.slice(first + 1, last)));
}

function findDots(token: string): Dots {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) {
    throw new TokenError('malformed', 'length');
  }
  const first = token.indexOf('.');
  // A dot too many lands in the signature's part, where it is no base64url. (lastIndexOf is slow.)
  const last = token.indexOf('.', first + 1);
  if (first < 1 || last <= first + 1 || last === token.length - 1) {
    throw new TokenError('malformed', 'three parts');
  }
  return { first, last };
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
  const input = signingInput(signer, form, claims);
  return finished(input, signBytes(Buffer.from(input, 'latin1'), form.alg, signer.privateKey));
}

/** As {@link signCompact}, with the signature made on another thread. It rejects with what that throws. */
export async function signCompactAside(
  signer: Signer,
  form: TokenForm,
  claims: object,
): Promise<string> {
  const input = signingInput(signer, form, claims);
  const bytes = Buffer.from(input, 'latin1');
  return finished(input, await signBytesAside(bytes, form.alg, signer.privateKey));
}

function signingInput(signer: Signer, form: TokenForm, claims: object): string {
  return `${headOf(signer, form)}.${encodeBase64url(JSON.stringify(claims))}`;
}

/** What stands before the first dot, by the signer and for the form that it signed last. */
const heads = new WeakMap<Signer, { readonly form: TokenForm; readonly text: string }>();

function headOf(signer: Signer, form: TokenForm): string {
  const known = heads.get(signer);
  if (known?.form === form) return known.text;
  assertSigner(signer, form.alg);
  const header = { alg: form.alg, kid: signer.kid, typ: form.typ };
  const text = encodeBase64url(JSON.stringify(header));
  heads.set(signer, { form, text });
  return text;
}

function finished(input: string, signature: Buffer): string {
  const token = `${input}.${encodeBase64url(signature)}`;
  if (token.length > MAX_TOKEN_LENGTH) throw new RangeError('the token would be too long');
  return token;
}

function assertSigner(signer: Signer, alg: Algorithm): void {
  if (signer.alg !== alg) throw new TypeError(`this kind of token is signed with ${alg}`);
  if (!isKid(signer.kid)) throw new TypeError('the kid of the signer is invalid');
  const expected = alg === 'RS256' ? 'rsa' : 'ec';
  if (signer.privateKey.asymmetricKeyType !== expected) {
    throw new TypeError(`${alg} needs a key of type ${expected}`);
  }
}
