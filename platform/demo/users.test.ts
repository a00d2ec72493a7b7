/** Against a small model of the edge; that the real one does the same is for the end-to-end tests. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PlatformError } from '../errors.ts';
import { ensureDemoUsers } from './users.ts';

async function bodyOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function setUp(t: TestContext) {
  const passwords = new Map<string, string>();
  const calls: string[] = [];
  const answer = (path: string, body: Record<string, string>): [number, unknown] => {
    const { email = '', password = '' } = body;
    if (path === '/auth/v1/sign-up') {
      if (passwords.has(email)) return [409, {}];
      passwords.set(email, password);
      return [201, {}];
    }
    if (path !== '/auth/v1/login') return [200, {}];
    if (passwords.get(email) !== password) return [401, { code: 'auth.not_signed_in' }];
    const payload = Buffer.from(JSON.stringify({ sub: `usr_${email}` })).toString('base64url');
    return [200, { accessToken: `e30.${payload}.sig`, refreshToken: 'refresh' }];
  };
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    void bodyOf(request).then((asked) => {
      const [status, body] = answer(request.url ?? '', asked);
      response.writeHead(status).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-demo-'));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    return rm(folder, { recursive: true });
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const file = join(folder, 'demo.json');
  const ensure = () => ensureDemoUsers({ edgeUrl: `http://127.0.0.1:${address.port}`, file });
  return { ensure, file, calls, passwords };
}

test('three users are made, the moderator by the admin, with passwords of this clone', async (t) => {
  const { ensure, file, calls } = await setUp(t);
  const users = await ensure();
  assert.deepEqual(
    users.map(({ role, email }) => [role, email]),
    ['member', 'moderator', 'admin'].map((role) => [role, `${role}@demo.gatehouse.local`]),
  );
  assert.equal(new Set(users.map(({ password }) => password)).size, 3);
  assert.ok(calls.includes('PUT /auth/v1/users/usr_moderator%40demo.gatehouse.local/roles'));
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('a later start finds them with one call, which is no attempt to log in', async (t) => {
  const { ensure, calls } = await setUp(t);
  const users = await ensure();
  calls.length = 0;
  assert.deepEqual(await ensure(), users);
  assert.deepEqual(calls, ['POST /auth/v1/sign-up']);
});

test('a new database gets the same users again', async (t) => {
  const { ensure, passwords } = await setUp(t);
  const users = await ensure();
  passwords.clear();
  assert.deepEqual(await ensure(), users);
  assert.equal(passwords.size, 3);
});

test('users whose passwords were lost are an error with a remedy, which shows no password', async (t) => {
  const { ensure, file } = await setUp(t);
  const users = await ensure();
  await rm(file);
  await assert.rejects(ensure(), (thrown: unknown) => {
    assert.ok(thrown instanceof PlatformError);
    assert.match(thrown.message, /login responded 401/);
    assert.match(thrown.remedy, /reset/);
    return users.every(({ password }) => !thrown.message.includes(password));
  });
});
