import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { verifyClientAssertion } from '@gatehouse/tokens';
import { type ClientCredentialsOptions, clientCredentialsToken } from './client-credentials.ts';
import { secretFromFile } from './secret.ts';

interface Asked {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

interface Sketch {
  readonly status?: number;
  readonly body?: string;
  /** Neither answers nor closes. */
  readonly isSilent?: boolean;
}

const GOOD = JSON.stringify({ access_token: 'a-token', token_type: 'Bearer', expires_in: 300 });
const never = new AbortController().signal;

async function setUp(t: TestContext, { status = 200, body = GOOD, isSilent }: Sketch = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { authorization } = request.headers;
      asked.push({ authorization, form: Object.fromEntries(new URLSearchParams(text)) });
      if (isSilent === true) return;
      response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/oauth2/token`;
  const fetch = (options: Partial<ClientCredentialsOptions> = {}) =>
    clientCredentialsToken({ tokenUrl, clientId: 'core', clientSecret: 's', ...options })(never);
  return { asked, fetch, tokenUrl };
}

const code = (expected: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, expected);
  return true;
};

test('a secret goes into the header, each half form-encoded, and the scope into the form', async (t) => {
  const { asked, fetch } = await setUp(t);
  const { token, lifeMs, serverTimeMs } = await fetch({
    clientId: 'a:b c',
    clientSecret: 'ü+/%',
    scope: 'asset:update',
  });
  assert.deepEqual([token, lifeMs], ['a-token', 300_000]);
  assert.ok(Math.abs((serverTimeMs ?? 0) - Date.now()) < 5_000);
  const [first] = asked;
  const credentials = Buffer.from(first?.authorization?.slice(6) ?? '', 'base64').toString();
  assert.equal(credentials, 'a%3Ab+c:%C3%BC%2B%2F%25');
  assert.deepEqual(first?.form, { grant_type: 'client_credentials', scope: 'asset:update' });
});

test('a secret may go into the form', async (t) => {
  const { asked, fetch } = await setUp(t);
  await fetch({ clientSecret: 's', sendSecretIn: 'body' });
  const form = { grant_type: 'client_credentials', client_id: 'core', client_secret: 's' };
  assert.deepEqual(asked, [{ authorization: undefined, form }]);
});

test('a new assertion is signed for each request, for this token URL', async (t) => {
  const { asked, tokenUrl } = await setUp(t);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const fetch = clientCredentialsToken({ tokenUrl, clientId: 'core', privateKey });
  await fetch(never);
  await fetch(never);
  const ids = asked.map(({ form }) => {
    const { jti } = verifyClientAssertion({
      assertion: form.client_assertion ?? '',
      clientId: 'core',
      audiences: [tokenUrl],
      keys: [{ kid: 'any', alg: 'ES256', key: publicKey }],
    });
    return jti;
  });
  assert.equal(new Set(ids).size, 2);
  assert.match(asked[0]?.form.client_assertion_type ?? '', /jwt-bearer$/);
});

test('a secret in a file is read each time', async (t) => {
  const { asked, fetch } = await setUp(t);
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-secret-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'secret');
  const options = { clientSecret: secretFromFile(path), sendSecretIn: 'body' } as const;
  for (const secret of ['first', 'second']) {
    await writeFile(path, `${secret}\n`);
    await fetch(options);
  }
  assert.deepEqual(
    asked.map(({ form }) => form.client_secret),
    ['first', 'second'],
  );
  await writeFile(path, ' \n');
  await assert.rejects(fetch(options), /is empty/);
});

for (const [what, sketch, expected] of [
  ['invalid_client', { status: 401, body: '{"error":"invalid_client"}' }, 'client.token_refused'],
  ['invalid_scope', { status: 400, body: '{"error":"invalid_scope"}' }, 'client.token_refused'],
  ['too many attempts', { status: 429, body: '{}' }, 'client.token_unreachable'],
  ['an error of its own', { status: 503, body: 'upstream' }, 'client.token_unreachable'],
  ['a redirect', { status: 302, body: '' }, 'client.token_malformed'],
  ['no JSON', { body: '<html>' }, 'client.token_malformed'],
  ['no token', { body: '{"token_type":"Bearer"}' }, 'client.token_malformed'],
  [
    'another kind of token',
    { body: '{"access_token":"a","token_type":"DPoP"}' },
    'client.token_malformed',
  ],
  [
    'a life that is none',
    { body: '{"access_token":"a","token_type":"bearer","expires_in":-1}' },
    'client.token_malformed',
  ],
  ['an answer without end', { body: 'x'.repeat(70_000) }, 'client.token_malformed'],
] as const) {
  test(`${what} is ${expected}`, async (t) => {
    const { fetch } = await setUp(t, sketch);
    await assert.rejects(fetch(), code(expected));
  });
}

test('a server that says nothing is unreachable after the time for it', async (t) => {
  const { fetch } = await setUp(t, { isSilent: true });
  await assert.rejects(fetch({ readTimeoutMs: 30 }), (error: Error) => {
    assert.match(String(error.cause), /silent for too long/);
    return code('client.token_unreachable')(error);
  });
});

test('nobody there is unreachable too', async (t) => {
  const { fetch } = await setUp(t);
  await assert.rejects(
    fetch({ tokenUrl: 'http://127.0.0.1:1/oauth2/token' }),
    code('client.token_unreachable'),
  );
});

test('what the server says in its error is repeated only as far as it is a word', async (t) => {
  const { fetch } = await setUp(t, { status: 401, body: '{"error":"Your secret is hunter2"}' });
  await assert.rejects(fetch(), (error: Error) => {
    assert.equal(String(error.cause), 'Error: the auth server responded with 401');
    return true;
  });
});
