/** Token manager and executor as a service uses them, with the real auth and the real extension. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import {
  clientCredentialsToken,
  createExecutor,
  createTokenManager,
  type FetchToken,
  originalWireToken,
} from '@gatehouse/client';
import { makeClient, plainUrl, withOperator } from './support/clients.ts';
import { remember } from './support/ledger.ts';

const SCOPES = ['asset:update'];
const tokenUrl = () => `${plainUrl('auth')}/oauth2/token`;

/** Calls extension with tokens from a source, and counts how often one was fetched. */
function setUp(t: TestContext, fetchToken: FetchToken) {
  let fetched = 0;
  const tokens = createTokenManager({
    fetchToken: async (signal) => {
      fetched += 1;
      const answer = await fetchToken(signal);
      remember('service token', answer.token);
      return answer;
    },
  });
  const executor = createExecutor({
    tokens,
    targets: { extension: { addresses: [plainUrl('extension')] } },
  });
  t.after(() => {
    executor.close();
    tokens.close();
  });
  const update = (userId: number) =>
    executor.fetch('extension', `/msa/ext/api/update-asset/${userId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"asset":1000,"snapshotDay":"2026-03-01"}',
      idempotencyKey: `${userId}:2026-03-01`,
    });
  return { update, fetched: () => fetched };
}

test('by client credentials: a hundred calls at once, one token', async (t) => {
  const client = await makeClient('calls-by-oauth', SCOPES);
  const { update, fetched } = setUp(
    t,
    clientCredentialsToken({ ...client, tokenUrl: tokenUrl(), scope: 'asset:update' }),
  );
  const answers = await Promise.all(Array.from({ length: 100 }, (_, id) => update(id)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(fetched(), 1);
});

test('by the original wire', async (t) => {
  const client = await makeClient('calls-by-the-original-wire', SCOPES);
  const url = `${plainUrl('auth')}/msa/auth/api/token`;
  const { update } = setUp(t, originalWireToken({ ...client, url }));
  const answer = await update(9_007_199);
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"resultCode":"S"/);
});

test('by a key of its own, with no secret anywhere', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const clientId = await withOperator(async (operator) => {
    const name = 'calls-by-key';
    const made = await operator.createClient({ name, scopes: SCOPES, withoutSecret: true });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    await operator.addClientKey({ clientId: made.clientId, publicKey: spki });
    return made.clientId;
  });
  const { update } = setUp(
    t,
    clientCredentialsToken({ tokenUrl: tokenUrl(), clientId, privateKey }),
  );
  assert.equal((await update(3)).status, 200);
});

test('a secret that is changed meanwhile is taken up, and the old one serves as long', async (t) => {
  const client = await makeClient('calls-with-a-new-secret', SCOPES);
  let secret = client.clientSecret;
  const fetchToken = clientCredentialsToken({
    tokenUrl: tokenUrl(),
    clientId: client.clientId,
    clientSecret: () => secret,
  });
  const { clientSecret } = await withOperator((operator) =>
    operator.rotateClientSecret({ clientId: client.clientId }),
  );
  const before = setUp(t, fetchToken);
  assert.equal((await before.update(4)).status, 200, 'two are valid at once');
  secret = remember('client secret', clientSecret);
  const later = setUp(t, fetchToken);
  assert.equal((await later.update(4)).status, 200);
});

test('a wrong secret and a disabled client are told as what they are', async (t) => {
  const client = await makeClient('calls-no-more', SCOPES);
  const wrong = setUp(
    t,
    clientCredentialsToken({ ...client, clientSecret: 'not-it', tokenUrl: tokenUrl() }),
  );
  await assert.rejects(wrong.update(5), { code: 'client.token_refused' });
  await withOperator((operator) => operator.disableClient({ clientId: client.clientId }));
  const disabled = setUp(t, clientCredentialsToken({ ...client, tokenUrl: tokenUrl() }));
  await assert.rejects(disabled.update(5), { code: 'client.token_refused' });
});

test('a token without the scope is refused by extension, and auth is not asked for ever more', async (t) => {
  const client = await makeClient('calls-without-scope', []);
  const { update, fetched } = setUp(t, clientCredentialsToken({ ...client, tokenUrl: tokenUrl() }));
  for (let i = 0; i < 5; i += 1) assert.ok([401, 403].includes((await update(6)).status));
  assert.ok(fetched() <= 2, `${fetched()} tokens`);
});
