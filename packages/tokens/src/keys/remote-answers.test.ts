/** What a remote key set does with invalid responses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ecKey, rsaKey } from '../test-support/forge.ts';
import { answer, ecJwk, rsaJwk, setUp } from '../test-support/key-server.ts';
import type { FetchedDocument } from './fetch-document.ts';
import { createRemoteKeySet } from './remote.ts';

test('an answer that is no key set keeps what is known', async (t) => {
  const { keySet, server, events } = setUp(t);
  await keySet.start();
  const known = keySet.find(rsaKey.kid);
  for (const bad of [
    answer([], { status: 500 }),
    answer([], { status: 204 }),
    answer([], { status: 302 }),
    answer([], { contentType: 'text/html' }),
    answer([], { contentType: '' }),
    answer([], { contentType: 'application/jsonp' }),
    answer([], { contentType: 'text/html; application/json' }),
    answer([], { body: Buffer.from('<html>') }),
    answer([], { body: Buffer.from('') }),
    answer([], { body: Buffer.from('{"keys":[],"keys":[]}') }),
    answer([], { body: Buffer.from([0xff]) }),
    answer([' '.repeat(256 * 1024)]),
    undefined as unknown as FetchedDocument,
  ]) {
    server.answer = () => bad;
    await keySet.reload();
    assert.equal(keySet.find(rsaKey.kid), known);
    assert.equal(events.at(-1)?.type, 'failed');
  }
});

test('both JSON media types are taken, with parameters and in any case', async (t) => {
  const { keySet, server, events } = setUp(t);
  for (const contentType of [
    'application/jwk-set+json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
  ]) {
    server.answer = () => answer([rsaJwk], { contentType });
    await keySet.reload();
    assert.equal(events.at(-1)?.type, 'refreshed', contentType);
  }
});

test('a key that is refused is told of, and the others are used', async (t) => {
  const { keySet, server, events } = setUp(t);
  server.answer = () => answer([{ ...rsaJwk, kid: 'private', d: 'AQAB' }, ecJwk]);
  await keySet.start();
  assert.ok(keySet.find(ecKey.kid));
  assert.equal(keySet.find('private'), undefined);
  const refused = ['key 0: it has a private member'];
  assert.deepEqual(events, [{ type: 'refreshed', keys: 1, refused }]);
});

test('plain http is for loopback addresses only', () => {
  for (const url of [
    'http://auth.example/',
    'http://127.0.0.1.evil.example/',
    'file:///etc/x',
    'ftp://a/',
    'x',
  ])
    assert.throws(() => createRemoteKeySet({ url }), TypeError, url);
  for (const url of [
    'https://auth.example/',
    'http://127.0.0.1:1/',
    'http://localhost/',
    'http://[::1]/',
  ])
    assert.doesNotThrow(() => createRemoteKeySet({ url }), url);
});
