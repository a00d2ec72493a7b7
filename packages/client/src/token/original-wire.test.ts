// The token manager and the verifier against an auth server that behaves as the original did.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  createRemotePublicKey,
  createServiceTokenVerifier,
  createSingleKeyVerifier,
  createStaticKeySet,
} from '@gatehouse/tokens';
import { ORIGINAL_CLIENT, startOriginalAuth } from '../test-support/original-auth.ts';
import { createTestTime } from '../test-support/time.ts';
import { createTokenManager } from './manager.ts';
import { originalWireToken } from './original-wire.ts';

async function setUp(t: TestContext) {
  const time = createTestTime(Math.floor(Date.now() / 1_000) * 1_000);
  const auth = await startOriginalAuth(time.clock);
  const tokens = createTokenManager({
    fetchToken: originalWireToken({
      url: auth.tokenUrl,
      clientId: ORIGINAL_CLIENT.clientId,
      clientSecret: () => secret.now,
    }),
    clock: time.clock,
    after: time.after,
  });
  const keys = createRemotePublicKey({ url: auth.publicKeyUrl, clock: time.clock, cooldownMs: 0 });
  await keys.start();
  const verifier = createSingleKeyVerifier({ issuer: auth.issuer, keys, clock: time.clock });
  t.after(async () => {
    tokens.close();
    keys.close();
    await auth.close();
  });
  const secret = { now: ORIGINAL_CLIENT.clientSecret };
  return { time, auth, tokens, verifier, secret };
}

const code = (expected: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, expected);
  return true;
};

test('its tokens are fetched once, kept for their life, and good for the profile of one key', async (t) => {
  const { tokens, verifier, auth, time } = await setUp(t);
  const token = await tokens.get();
  const claims = await verifier.verify(token);
  assert.deepEqual([claims.sub, claims.exp - claims.iat], ['core', 300]);
  time.jump(200_000);
  assert.equal(await tokens.get(), token);
  assert.equal(auth.asked, 1);
});

test('they are good under that profile alone', async (t) => {
  const { tokens } = await setUp(t);
  const verifier = createServiceTokenVerifier({
    issuer: 'auth-server',
    audience: 'gatehouse.local',
    keys: createStaticKeySet([]),
  });
  await assert.rejects(verifier.verify(await tokens.get()), { name: 'TokenError' });
});

test('after its key changed, a refusal brings a token that is good', async (t) => {
  const { tokens, verifier, auth } = await setUp(t);
  const old = await tokens.get();
  auth.changeKey();
  const fresh = await tokens.reject(old);
  assert.notEqual(fresh, old);
  assert.equal((await verifier.verify(fresh)).sub, 'core');
});

test('a wrong secret is told as that, and a new one in its place is taken up', async (t) => {
  const { tokens, auth, secret, time } = await setUp(t);
  auth.secret = 'the-next-one';
  await assert.rejects(tokens.get(), (error: Error) => {
    assert.ok(!`${error.stack} ${error.cause}`.includes(ORIGINAL_CLIENT.clientSecret));
    return code('client.token_refused')(error);
  });
  secret.now = 'the-next-one';
  time.jump(5_000);
  assert.ok(await tokens.get());
});

test('while it is unavailable the error says so', async (t) => {
  const { tokens, auth } = await setUp(t);
  auth.isAway = true;
  await assert.rejects(tokens.get(), code('client.token_unreachable'));
});

for (const minutes of [-10, 10]) {
  test(`a clock ${minutes} minutes off gives an error that says so`, async (t) => {
    const { tokens, auth } = await setUp(t);
    auth.offMs = minutes * 60_000;
    await assert.rejects(tokens.get(), (error: Error) => {
      const way = minutes > 0 ? 'ahead of' : 'behind';
      assert.match(String(error.cause), new RegExp(`(599|600) s ${way} this machine`));
      return code('client.clock_off')(error);
    });
  });
}

test('secrets are sent over https, or http to this machine', () => {
  const to = (url: string, allowPlain = false) =>
    originalWireToken({ url, allowPlain, clientId: 'core', clientSecret: 's' });
  assert.throws(() => to('http://auth.example.org/token'), TypeError);
  assert.ok(to('https://auth.example.org/token'));
  assert.ok(to('http://auth.internal/token', true));
});
