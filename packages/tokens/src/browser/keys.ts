/** Public keys of a key set (RFC 7517), as Web Crypto takes them. */
import { TokenError } from '../errors.ts';
import { isObject, type JsonObject, own } from '../jws/json.ts';
import { decodeBase64url } from './base64url.ts';

/** The algorithm of a key, as tokens and as Web Crypto name it. */
interface Form {
  readonly alg: 'RS256' | 'ES256';
  readonly parameters: {
    readonly name: string;
    readonly hash: string;
    readonly namedCurve: string;
  };
  readonly members: readonly string[];
}

const RSA: Form = {
  alg: 'RS256',
  parameters: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', namedCurve: '' },
  members: ['n', 'e'],
};
const P256: Form = {
  alg: 'ES256',
  parameters: { name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' },
  members: ['x', 'y'],
};
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const MIN_MODULUS_BYTES = 256;

/** One usable key. */
export interface BrowserKey {
  readonly alg: 'RS256' | 'ES256';
  verify(
    signature: Uint8Array<ArrayBuffer>,
    signingInput: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

// Named by what makes it, since the type has its name in pages only.
type ImportedKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** The keys of a set by their `kid`; each is imported at its first use. */
export function keysOf(jwks: {
  readonly keys: readonly object[];
}): ReadonlyMap<string, BrowserKey> {
  const keys = new Map<string, BrowserKey>();
  for (const jwk of jwks.keys.filter((key: unknown) => isObject(key))) {
    const kid = own(jwk, 'kid');
    const form = formOf(jwk);
    if (typeof kid !== 'string' || kid === '' || form === undefined) continue;
    if (keys.has(kid)) throw new TypeError('two keys share a kid');
    keys.set(kid, usable(jwk, form));
  }
  return keys;
}

function usable(jwk: JsonObject, form: Form): BrowserKey {
  let imported: Promise<ImportedKey> | undefined;
  return {
    alg: form.alg,
    verify: async (signature, signingInput) => {
      imported ??= importKey(jwk, form);
      const key = await imported;
      return await crypto.subtle.verify(form.parameters, key, signature, signingInput);
    },
  };
}

function importKey(jwk: JsonObject, { parameters, members }: Form): Promise<ImportedKey> {
  // Only the members of a public key: nothing else of the document can have a say.
  const numbers = members.map((name) => [name, own(jwk, name)]);
  const kind = parameters.namedCurve === '' ? { kty: 'RSA' } : { kty: 'EC', crv: 'P-256' };
  const key = { ...kind, ...Object.fromEntries(numbers) };
  return crypto.subtle.importKey('jwk', key, parameters, false, ['verify']);
}

/** Undefined for a key that is private, weak, for another use or of another algorithm. */
function formOf(jwk: JsonObject): Form | undefined {
  const kty = own(jwk, 'kty');
  const form = kty === 'RSA' ? RSA : kty === 'EC' && own(jwk, 'crv') === 'P-256' ? P256 : undefined;
  const isOurs =
    form !== undefined &&
    !PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name)) &&
    [undefined, 'sig'].includes(own(jwk, 'use') as undefined) &&
    [undefined, form.alg].includes(own(jwk, 'alg') as undefined) &&
    form.members.every((name) => typeof own(jwk, name) === 'string') &&
    (form === P256 || isStrong(own(jwk, 'n') as string));
  return isOurs ? form : undefined;
}

function isStrong(modulus: string): boolean {
  try {
    const bytes = decodeBase64url(modulus);
    return bytes.length >= MIN_MODULUS_BYTES && (bytes[0] ?? 0) >= 0x80;
  } catch (error) {
    if (error instanceof TokenError) return false;
    throw error;
  }
}
