import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  createAccessTokenVerifier,
  createServiceTokenVerifier,
  createStaticKeySet,
  type JwkSet,
} from '@gatehouse/tokens';

interface VectorDocument {
  readonly issuer: string;
  readonly audience: string;
  readonly nowSeconds: number;
  readonly keySet: JwkSet;
  readonly vectors: readonly {
    readonly name: string;
    readonly token: string;
    readonly claims?: object;
    readonly error?: string;
  }[];
}

for (const [file, createVerifier, leastBad] of [
  ['access-tokens', createAccessTokenVerifier, 75],
  ['service-tokens', createServiceTokenVerifier, 8],
] as const) {
  const text = readFileSync(new URL(`${file}.json`, import.meta.url), 'utf8');
  const document: VectorDocument = JSON.parse(text);
  const { issuer, audience, nowSeconds, keySet, vectors } = document;
  const verifier = createVerifier({
    issuer,
    audience,
    keys: createStaticKeySet(keySet),
    clock: { nowMs: () => nowSeconds * 1000 },
  });

  test(`${file}: the vectors hold good tokens and bad ones, and no private key`, () => {
    assert.ok(vectors.filter(({ claims }) => claims !== undefined).length >= 2);
    assert.ok(vectors.filter(({ error }) => error !== undefined).length >= leastBad);
    assert.equal(new Set(vectors.map(({ name }) => name)).size, vectors.length);
    assert.ok(keySet.keys.every((key) => !Object.hasOwn(key, 'd')));
  });

  for (const { name, token, claims, error } of vectors) {
    test(`${file} vector: ${name}`, async () => {
      if (error === undefined) assert.deepEqual(await verifier.verify(token), claims);
      else await assert.rejects(verifier.verify(token), { name: 'TokenError', code: error });
    });
  }
}
