import { isObject } from '../jws/strict-json.ts';
import { assertVerificationKey } from './import-jwk.ts';
import { readKeySet } from './key-set.ts';
import type { JwkSet, KeySource, VerificationKey } from './types.ts';

/**
 * A key set that never changes: for tests, for keys from a file, and for a process's own keys.
 *
 * @param keys - a JWK set, or keys.
 * @throws TypeError when any key is refused (see `importJwk`) or shares its `kid`: here that is a
 *   mistake in the configuration.
 *
 * @example
 * ```ts
 * import { createStaticKeySet, generateSigningKey, toPublicJwk } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('ES256');
 * export const keys = createStaticKeySet({ keys: [toPublicJwk(key)] });
 * ```
 */
export function createStaticKeySet(keys: JwkSet | readonly VerificationKey[]): KeySource {
  const map = isKeySet(keys) ? fromDocument(keys) : fromKeys(keys);
  return Object.freeze({
    ready: map.size > 0,
    find: (kid: string) => map.get(kid),
    refresh: async () => {},
  });
}

function isKeySet(keys: JwkSet | readonly VerificationKey[]): keys is JwkSet {
  return isObject(keys);
}

function fromDocument(document: JwkSet): ReadonlyMap<string, VerificationKey> {
  const { keys, refused } = readKeySet({ keys: document.keys });
  if (refused.length > 0) throw new TypeError(refused.join('; '));
  return keys;
}

function fromKeys(keys: readonly VerificationKey[]): ReadonlyMap<string, VerificationKey> {
  const map = new Map<string, VerificationKey>();
  for (const key of keys) {
    assertVerificationKey(key);
    if (map.has(key.kid)) throw new TypeError('two keys share a kid');
    map.set(key.kid, key);
  }
  return map;
}
