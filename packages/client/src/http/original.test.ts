// Executor, token manager and verifier among servers that behave as the original ones did.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRemotePublicKey, createSingleKeyVerifier, systemClock } from '@gatehouse/tokens';
import { ORIGINAL_CLIENT, startOriginalAuth } from '../test-support/original-auth.ts';
import { startOriginalExtension } from '../test-support/original-extension.ts';
import { createTokenManager } from '../token/manager.ts';
import { originalWireToken } from '../token/original-wire.ts';
import { createExecutor } from './executor.ts';

async function setUp(t: TestContext, issuer = 'auth-server') {
  const auth = await startOriginalAuth(systemClock);
  const keys = createRemotePublicKey({ url: auth.publicKeyUrl, cooldownMs: 0 });
  await keys.start();
  const extension = await startOriginalExtension(createSingleKeyVerifier({ issuer, keys }));
  const tokens = createTokenManager({
    fetchToken: originalWireToken({ url: auth.tokenUrl, ...ORIGINAL_CLIENT }),
  });
  const executor = createExecutor({
    tokens,
    targets: { extension: { addresses: [extension.url] } },
  });
  t.after(async () => {
    executor.close();
    tokens.close();
    keys.close();
    await Promise.all([auth.close(), extension.close()]);
  });
  const update = (asset: string) =>
    executor.fetch('extension', '/msa/ext/api/update-asset/9223372036854775807', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `{"asset":${asset},"snapshotDay":"2026-02-03"}`,
    });
  return { auth, extension, keys, tokens, update };
}

test('core to extension: a token from auth, and 64-bit integers as they were', async (t) => {
  const { update, auth } = await setUp(t);
  const response = await update('9223372036854775807');
  assert.equal(response.status, 200);
  assert.equal(
    await response.text(),
    '{"resultCode":"S","message":"Update asset success","data":{"userId":9223372036854775807,"originalAsset":9223372036854775807,"multiplier":1.0,"updatedAsset":9223372036854775807,"date":"2026-02-03"}}',
  );
  await Promise.all(Array.from({ length: 100 }, () => update('1')));
  assert.equal(auth.asked, 1);
});

test('after the key of auth changed, a refused call is retried with a new token, and succeeds', async (t) => {
  const { update, auth, extension, keys } = await setUp(t);
  await update('1');
  auth.changeKey();
  await keys.reload();
  const before = extension.asked;
  assert.equal((await update('1')).status, 200);
  assert.equal(extension.asked - before, 2);
  const statuses = await Promise.all(
    Array.from({ length: 50 }, async () => (await update('1')).status),
  );
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal(auth.asked, 2);
});

test('a token that stays refused is refused to the caller, and auth is left alone', async (t) => {
  const { update, auth } = await setUp(t, 'another-auth-server');
  for (let i = 0; i < 20; i += 1) {
    const response = await update('1');
    assert.deepEqual([response.status, await response.text()], [401, '']);
  }
  assert.equal(auth.asked, 2, 'one token, and one more for the refusal');
});

test('extension keeps working while auth is unavailable', async (t) => {
  const { update, auth } = await setUp(t);
  await update('1');
  auth.isAway = true;
  assert.equal((await update('2')).status, 200);
});
