/** What every source of keys has to do, whoever holds the keys. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  createStaticKeySet,
  generateSigningKey,
  type JwkSet,
  type KeySource,
  toPublicJwk,
} from '@gatehouse/tokens';

/** What a source is to have: the same two keys, as a document and as objects. */
export interface SuiteKeys {
  readonly document: JwkSet;
  readonly source: KeySource;
  readonly kids: readonly string[];
}

/** Makes a source that has the keys, and closes it after the test. */
export type MakeKeySource = (t: TestContext, keys: SuiteKeys) => KeySource | Promise<KeySource>;

/** Puts one kind of source through what all of them must do. */
export function keySourceSuite(name: string, make: MakeKeySource): void {
  const pairs = [generateSigningKey('ES256'), generateSigningKey('ES256')];
  const document: JwkSet = { keys: pairs.map((pair) => toPublicJwk(pair)) };
  const kids = pairs.map(({ kid }) => kid);
  const keys: SuiteKeys = { document, source: createStaticKeySet(document), kids };

  test(`${name}: it has its keys, each with its algorithm`, async (t) => {
    const source = await make(t, keys);
    assert.ok(source.ready);
    for (const { kid, publicKey } of pairs) {
      const found = source.find(kid);
      assert.equal(found?.kid, kid);
      assert.equal(found?.alg, 'ES256');
      assert.ok(found?.key.equals(publicKey));
      assert.equal(found?.key.type, 'public');
    }
  });

  test(`${name}: a key stays the same object for as long as it stays`, async (t) => {
    const source = await make(t, keys);
    const before = kids.map((kid) => source.find(kid));
    await source.refresh();
    assert.ok(kids.every((kid, index) => source.find(kid) === before[index]));
  });

  test(`${name}: what is not there is not found, whatever its name`, async (t) => {
    const source = await make(t, keys);
    for (const kid of ['unknown', '__proto__', 'constructor', 'toString', ` ${kids[0]}`]) {
      assert.equal(source.find(kid), undefined, kid);
    }
  });

  test(`${name}: a refresh never throws, also when many ask`, async (t) => {
    const source = await make(t, keys);
    await Promise.all(Array.from({ length: 5 }, () => source.refresh()));
    assert.ok(source.ready);
    assert.ok(kids.every((kid) => source.find(kid) !== undefined));
  });
}
