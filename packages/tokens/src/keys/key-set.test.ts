import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ecKey, rsaKey } from '../test-support/forge.ts';
import { generateSigningKey, toPublicJwk } from './generate.ts';
import { readKeySet } from './key-set.ts';
import { createStaticKeySet } from './static.ts';

const rsa = toPublicJwk(rsaKey);
const ec = toPublicJwk(ecKey);

function document(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

test('a document gives its keys by kid', () => {
  const { keys, refused } = readKeySet(document({ keys: [rsa, ec], other: 1 }));
  assert.deepEqual([...keys.keys()], [rsaKey.kid, ecKey.kid]);
  assert.deepEqual(refused, []);
});

test('a key that cannot be used is left out and named, and the others stay', () => {
  const secret = 'a-private-number';
  const { keys, refused } = readKeySet(
    document({ keys: [{ ...ec, d: secret }, { kty: 'OKP', kid: 'x' }, null, [], 'x', rsa] }),
  );
  assert.deepEqual([...keys.keys()], [rsaKey.kid]);
  assert.equal(refused.length, 5);
  assert.equal(refused[0], 'key 0: it has a private member');
  assert.ok(!refused.join().includes(secret));
});

test('of keys that share a kid none is used, even when one of them is bad', () => {
  const twin = { ...ec, kid: rsa.kid };
  for (const list of [
    [rsa, twin],
    [rsa, rsa],
    [rsa, twin, rsa],
    [{ ...ec, kid: rsa.kid, alg: 'none' }, rsa],
    [rsa, { kid: rsa.kid }],
  ])
    assert.equal(readKeySet(document({ keys: list })).keys.size, 0, JSON.stringify(list));
});

test('a kid that is a name of the prototype is a kid like any other', () => {
  const { keys } = readKeySet(document({ keys: [{ ...rsa, kid: '__proto__' }] }));
  assert.ok(keys.has('__proto__'));
  assert.ok(!keys.has('toString'));
});

test('a key that has not changed stays the same object; a changed one does not', () => {
  const before = readKeySet(document({ keys: [rsa, ec] })).keys;
  const after = readKeySet(document({ keys: [ec, rsa] }), before).keys;
  assert.equal(after.get(rsaKey.kid), before.get(rsaKey.kid));
  const bound = readKeySet(document({ keys: [{ ...ec, iss: 'spiffe://a/b' }] }), before).keys;
  assert.notEqual(bound.get(ecKey.kid), before.get(ecKey.kid));
  const replaced = { ...toPublicJwk(generateSigningKey('ES256')), kid: ecKey.kid };
  const other = readKeySet(document({ keys: [replaced] }), before).keys;
  assert.notEqual(other.get(ecKey.kid), before.get(ecKey.kid));
});

test('what is no key set is an error', () => {
  for (const text of ['', 'x', '[]', 'null', '{}', '{"keys":{}}', '{"keys":null}', '<html>'])
    assert.throws(() => readKeySet(Buffer.from(text)), Error, text);
  assert.throws(() => readKeySet(Buffer.from('{"keys":[],"keys":[]}')));
});

test('a static key set finds its keys, and is ready when it has any', async () => {
  const keys = createStaticKeySet({ keys: [rsa, ec] });
  assert.ok(keys.ready);
  assert.ok(keys.find(rsaKey.kid)?.key.equals(rsaKey.publicKey));
  assert.equal(keys.find('other'), undefined);
  await keys.refresh();
  assert.equal(createStaticKeySet([]).ready, false);
});

test('a static key set with a bad key or a kid twice is a mistake', () => {
  assert.throws(() => createStaticKeySet({ keys: [rsa, rsa] }), TypeError);
  assert.throws(() => createStaticKeySet({ keys: [{ ...rsa, e: 'Aw' } as typeof rsa] }), TypeError);
  const key = { kid: 'k', alg: 'RS256', key: rsaKey.publicKey } as const;
  assert.throws(() => createStaticKeySet([key, key]), TypeError);
});
