import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createPassportVerifier, createStaticKeySet, type JwkSet } from '@gatehouse/tokens';

interface VectorDocument {
  readonly trustDomain: string;
  readonly nowSeconds: number;
  readonly keySet: JwkSet;
  readonly vectors: readonly {
    readonly name: string;
    readonly token: string;
    readonly claims?: object;
    readonly error?: string;
  }[];
}

const text = readFileSync(new URL('passports.json', import.meta.url), 'utf8');
const document: VectorDocument = JSON.parse(text);

const verifier = createPassportVerifier({
  trustDomain: document.trustDomain,
  keys: createStaticKeySet(document.keySet),
  clock: { nowMs: () => document.nowSeconds * 1000 },
});

test('the vectors hold good passports and bad ones, and no private key', () => {
  assert.ok(document.vectors.filter((vector) => vector.claims !== undefined).length >= 7);
  assert.ok(document.vectors.filter((vector) => vector.error !== undefined).length >= 60);
  assert.ok(document.keySet.keys.every((key) => !Object.hasOwn(key, 'd')));
});

for (const { name, token, claims, error } of document.vectors) {
  test(`passport vector: ${name}`, async () => {
    if (error === undefined) assert.deepEqual(await verifier.verify(token), claims);
    else await assert.rejects(verifier.verify(token), { name: 'TokenError', code: error });
  });
}
