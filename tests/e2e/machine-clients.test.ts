/** Programs as clients: made by the command, served at the edge, refused everywhere within a second. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plainUrl } from './support/clients.ts';
import { target } from './support/config.ts';
import { call } from './support/edge.ts';
import { remember } from './support/ledger.ts';
import { logIn, signUp } from './support/people.ts';
import { until } from './support/until.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/gatehouse.js', import.meta.url));
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** A second, and what asking takes on a machine that does other things too. */
const SOON = { timeoutMs: 2_000 };

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface OAuthBody {
  readonly access_token: string;
  readonly error: string;
  readonly active: boolean;
}

/** Runs the command on the platform under test. @throws with what it said when it fails. */
function gatehouse(...args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const all = [COMMAND, ...args, '--data', target().dataDir];
    execFile(process.execPath, all, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stdout + stderr, { cause: error }));
    });
  });
}

async function credentials(...args: readonly string[]): Promise<Credentials> {
  const made = JSON.parse(await gatehouse('client', ...args, '--json')) as Credentials;
  remember('client secret', made.clientSecret);
  return made;
}

const basic = ({ clientId, clientSecret }: Credentials) =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;

async function oauth(endpoint: string, form: Record<string, string>, headers: object = {}) {
  const answer = await fetch(`${target().edges[0]}/oauth2/${endpoint}`, {
    method: 'POST',
    headers: { ...FORM, ...headers },
    body: new URLSearchParams(form).toString(),
  });
  const body = (await answer.json()) as OAuthBody;
  if (body.access_token !== undefined) remember('service token', body.access_token);
  return { status: answer.status, headers: answer.headers, body };
}

const grant = { grant_type: 'client_credentials' };
const token = (who: Credentials) => oauth('token', grant, { authorization: basic(who) });

/** What extension says to a token. */
async function atExtension(accessToken: string): Promise<number> {
  const answer = await fetch(`${plainUrl('extension')}/msa/ext/api/nickname/1`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('a client made by the command gets tokens at the edge, and services take them', async () => {
  const client = await credentials('create', 'e2e-edge', '--scope', 'asset:update');
  const { status, headers, body } = await token(client);
  assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store']);
  assert.equal(await atExtension(body.access_token), 200);
  // A stale Bearer header does no harm, and no service is shown Basic.
  const { clientId: client_id, clientSecret: client_secret } = client;
  const posted = { ...grant, client_id, client_secret };
  assert.equal((await oauth('token', posted, { authorization: 'Bearer stale' })).status, 200);
  const elsewhere = await fetch(`${target().edges[0]}/board/v1/posts`, {
    headers: { authorization: basic(client) },
  });
  assert.equal(elsewhere.status, 401);
});

test('the edge says no in the words of RFC 6749, and exchanges no tokens', async () => {
  const wrong = await token({ clientId: 'cli_nobody', clientSecret: 'wrong' });
  assert.deepEqual([wrong.status, wrong.body.error], [401, 'invalid_client']);
  assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  const exchange = await oauth('token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: 'gatehouse.local',
    subject_token: JSON.stringify({ sub: 'spiffe://gatehouse.local/gateway' }),
    subject_token_type: 'urn:ietf:params:oauth:token-type:unsigned_json',
    requested_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
  });
  assert.deepEqual([exchange.status, exchange.body.error], [400, 'unauthorized_client']);
});

test('a secret changes without an outage, and a leaked one ends at once', async () => {
  const first = await credentials('create', 'e2e-turning');
  const second = await credentials('rotate', 'e2e-turning');
  assert.deepEqual([(await token(first)).status, (await token(second)).status], [200, 200]);
  const third = await credentials('rotate', 'e2e-turning', '--revoke-old');
  const all = [await token(first), await token(second), await token(third)];
  assert.deepEqual(
    all.map(({ status }) => status),
    [401, 401, 200],
  );
});

test('a revoked token and those of a disabled client are refused at a service within a second', async () => {
  const client = await credentials('create', 'e2e-ending');
  const [given, kept] = [(await token(client)).body, (await token(client)).body];
  assert.deepEqual(
    [await atExtension(given.access_token), await atExtension(kept.access_token)],
    [200, 200],
  );
  const headers = { authorization: basic(client) };
  assert.equal((await oauth('revoke', { token: given.access_token }, headers)).status, 200);
  await until(
    'extension refuses the token',
    async () => (await atExtension(given.access_token)) === 401,
    SOON,
  );
  assert.equal(await atExtension(kept.access_token), 200);
  assert.equal(
    (await oauth('introspect', { token: kept.access_token }, headers)).body.active,
    true,
  );
  await gatehouse('client', 'disable', 'e2e-ending');
  await until(
    'extension refuses the client',
    async () => (await atExtension(kept.access_token)) === 401,
    SOON,
  );
  assert.equal((await token(client)).status, 401);
});

test('a suspended person is refused at the edge within a second, and comes back', async () => {
  const person = await signUp();
  const { accessToken, refreshToken } = await logIn(person);
  const sessions = () => call('GET /auth/v1/sessions', { token: accessToken });
  assert.equal((await sessions()).status, 200);
  await gatehouse('account', 'suspend', person.userId);
  await until('the edge refuses the token', async () => (await sessions()).status === 401, SOON);
  const body = { refreshToken };
  assert.equal((await call('POST /auth/v1/refresh', { body })).status, 401);
  const { email, password } = person;
  const login = () => call('POST /auth/v1/login', { body: { email, password } });
  assert.equal((await login()).status, 401);
  await gatehouse('account', 'reinstate', person.userId);
  assert.equal((await sessions()).status, 401);
  await logIn(person);
});
