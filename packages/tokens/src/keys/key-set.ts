import { isObject, type JsonObject, own, parseJsonObject } from '../jws/strict-json.ts';
import { importJwk } from './import-jwk.ts';
import type { VerificationKey } from './types.ts';

/** Keys by `kid`. */
export type KeyMap = ReadonlyMap<string, VerificationKey>;

/** A key set as read: what can be used, and why the rest cannot. */
export interface KeySetReading {
  readonly keys: KeyMap;
  /** Why keys were left out, one sentence each; holds no key material. */
  readonly refused: readonly string[];
}

/**
 * Reads a key set document (RFC 7517, section 5). A key that cannot be used is left out, as that
 * section asks, so that one bad key delays neither a rotation nor a revocation. Of keys that share a
 * `kid` none is used, since nobody can say which one was meant.
 *
 * @param known - keys of before: one that has not changed is returned as the same object.
 * @throws TypeError when the document is not a JSON object with a list `keys`, or has a member twice.
 */
export function readKeySet(
  document: Buffer | JsonObject,
  known: KeyMap = new Map(),
): KeySetReading {
  const list = own(Buffer.isBuffer(document) ? parse(document) : document, 'keys');
  if (!Array.isArray(list)) throw new TypeError('the key set has no list of keys');
  const keys = new Map<string, VerificationKey>();
  const refused: string[] = [];
  const seen = new Set<unknown>();
  for (const [index, jwk] of list.entries()) {
    try {
      const key = importMember(jwk, seen);
      keys.set(key.kid, unchanged(known.get(key.kid), key));
    } catch (error) {
      refused.push(`key ${index}: ${error instanceof Error ? error.message : 'refused'}`);
      if (isObject(jwk)) keys.delete(String(own(jwk, 'kid')));
    }
  }
  return { keys, refused };
}

function parse(document: Buffer): JsonObject {
  try {
    return parseJsonObject(document);
  } catch (cause) {
    throw new TypeError('the key set is not strict JSON', { cause });
  }
}

function importMember(jwk: unknown, seen: Set<unknown>): VerificationKey {
  if (!isObject(jwk)) throw new TypeError('it is not an object');
  const kid = own(jwk, 'kid');
  if (seen.has(kid)) throw new TypeError('its kid is there twice');
  seen.add(kid);
  return importJwk(jwk);
}

/** The key of before, if it is the same key: a cached token is good for as long as its key's object stays. */
export function unchanged(
  before: VerificationKey | undefined,
  now: VerificationKey,
): VerificationKey {
  const same =
    before !== undefined &&
    before.alg === now.alg &&
    before.issuer === now.issuer &&
    before.key.equals(now.key);
  return same ? before : now;
}
