import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ecKey, rsaKey } from '../test-support/forge.ts';
import { answer, setUp } from '../test-support/key-server.ts';
import { createStaticPublicKey, readPublicKey } from './public-key.ts';
import { createRemotePublicKey } from './remote.ts';

const DER = rsaKey.publicKey.export({ format: 'der', type: 'spki' });
const BASE64 = DER.toString('base64');
const PEM = rsaKey.publicKey.export({ format: 'pem', type: 'spki' }).toString();

test('a public key is read from base64 and from PEM, and has no name', () => {
  for (const text of [BASE64, `${BASE64}\n`, PEM, PEM.trim(), PEM.replaceAll('\n', '\r\n')]) {
    const key = readPublicKey(text);
    assert.ok(key.key.equals(rsaKey.publicKey));
    assert.deepEqual({ kid: key.kid, alg: key.alg }, { kid: '', alg: 'RS256' });
  }
});

test('what is no RSA public key of 2048 bits, in its one encoding, is refused', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey;
  const privatePem = rsaKey.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const spki = { format: 'der', type: 'spki' } as const;
  for (const text of [
    '',
    'key',
    BASE64.slice(0, -4),
    BASE64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    `${BASE64.slice(0, 64)}\n${BASE64.slice(64)}`,
    Buffer.concat([DER, Buffer.from([0])]).toString('base64'),
    small.export(spki).toString('base64'),
    pss.export(spki).toString('base64'),
    ecKey.publicKey.export(spki).toString('base64'),
    privatePem,
    `${PEM}${PEM}`,
    BASE64.repeat(20),
  ])
    assert.throws(() => readPublicKey(text), TypeError, text.slice(0, 60));
});

test('a static public key is found without a name only', () => {
  const source = createStaticPublicKey(BASE64);
  assert.ok(source.ready);
  assert.ok(source.find(''));
  assert.equal(source.find(rsaKey.kid), undefined);
});

test('a remote public key is fetched as text, and stays the same object while it does not change', async (t) => {
  const asked: string[] = [];
  let text = BASE64;
  const source = createRemotePublicKey({
    url: 'https://auth.example/public-key',
    fetchDocument: async (url) => {
      asked.push(url.href);
      return answer([], { contentType: 'text/plain;charset=UTF-8', body: Buffer.from(text) });
    },
  });
  t.after(() => source.close());
  await source.start();
  const key = source.find('');
  assert.ok(key?.key.equals(rsaKey.publicKey));
  await source.reload();
  assert.equal(source.find(''), key);
  text = 'Unauthorized';
  await source.reload();
  assert.equal(source.find(''), key);
  assert.equal(source.lastRefreshFailed, true);
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  text = other.export({ format: 'der', type: 'spki' }).toString('base64');
  await source.reload();
  assert.ok(source.find('')?.key.equals(other));
  assert.deepEqual(asked, Array(4).fill('https://auth.example/public-key'));
});

test('text is no key set, and a key set no text', async (t) => {
  const { keySet, server } = setUp(t);
  server.answer = () => answer([], { contentType: 'text/plain', body: Buffer.from(BASE64) });
  await keySet.start();
  assert.equal(keySet.ready, false);
});
