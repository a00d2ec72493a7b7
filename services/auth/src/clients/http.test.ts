/** The token endpoint by raw requests: RFC 6749 to the letter, and what attackers send. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { createServiceTokenVerifier, createStaticKeySet, type JwkSet } from '@gatehouse/tokens';
import { startFleet } from '../test-support/fleet.ts';
import { basic, claimsOf, machine, post, postAs, send } from '../test-support/machines.ts';
import { ISSUER } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const auth = await fleet.startAuth();
const operator = await fleet.dialAs(OperatorService, 'operator', auth.service);
const TOKEN = `${auth.httpUrl}/oauth2/token`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const client = await machine(operator);
const grant = { grant_type: 'client_credentials' };

const verifier = createServiceTokenVerifier({
  issuer: ISSUER,
  audience: 'gatehouse.local',
  keys: createStaticKeySet(
    (await (await fetch(`${auth.httpUrl}/.well-known/jwks.json`)).json()) as JwkSet,
  ),
});

test('client credentials give a service token of five minutes', async () => {
  const answer = await post(TOKEN, grant, client);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const { access_token, ...rest } = answer.json;
  assert.deepEqual(rest, {
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'asset:update asset:read',
  });
  const claims = await verifier.verify(String(access_token));
  assert.equal(claims.sub, client.clientId);
  assert.equal(claims.exp - claims.iat, 300);
  assert.deepEqual([claims.scope, claims.sv], ['asset:update asset:read', 1]);
});

test('a scope narrows, and never widens', async () => {
  const narrow = await post(TOKEN, { ...grant, scope: 'asset:read' }, client);
  assert.equal(narrow.json.scope, 'asset:read');
  assert.equal(claimsOf(narrow.json.access_token).scope, 'asset:read');
  for (const scope of ['asset:delete', 'asset:read asset:delete', 'asset:read  x', ' ', 'a"b']) {
    const { status, json } = await post(TOKEN, { ...grant, scope }, client);
    assert.deepEqual([status, json.error], [400, 'invalid_scope'], scope);
  }
});

test('each way to authenticate alone is taken, and two are not', async () => {
  const { clientId: client_id, clientSecret: client_secret, authorization } = client;
  assert.equal((await post(TOKEN, { ...grant, client_id, client_secret })).status, 200);
  assert.equal((await post(TOKEN, { ...grant, client_id }, client)).status, 200);
  for (const [form, more] of [
    [{ ...grant, client_id, client_secret }, { authorization }],
    [{ ...grant, client_id: 'cli_other' }, { authorization }],
    [{ ...grant, client_secret }, {}],
    [{ ...grant, client_id, client_secret, client_assertion: 'a.b.c' }, {}],
  ] as const) {
    const { status, json } = await post(TOKEN, form, more);
    assert.deepEqual([status, json.error], [400, 'invalid_request'], JSON.stringify(form));
  }
});

test('who cannot be authenticated is told nothing but that, with a challenge', async () => {
  const other = await machine(operator);
  const disabled = await machine(operator);
  await operator.disableClient({ clientId: disabled.clientId });
  const answers = await Promise.all([
    post(TOKEN, grant),
    post(TOKEN, grant, { authorization: basic(client.clientId, 'wrong') }),
    post(TOKEN, grant, { authorization: basic('cli_nobody', 'wrong') }),
    post(TOKEN, grant, { authorization: basic(client.clientId, other.clientSecret) }),
    post(TOKEN, grant, disabled),
    post(TOKEN, { ...grant, client_id: client.clientId, client_secret: 'wrong' }),
  ]);
  const [first] = answers;
  for (const { status, headers, text } of answers) {
    assert.equal(status, 401);
    assert.equal(headers['www-authenticate'], 'Basic realm="gatehouse", charset="UTF-8"');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(text, first?.text);
  }
  assert.equal(first?.json.error, 'invalid_client');
});

test('Basic is read as RFC 6749 has it, and sloppy spellings are refused', async () => {
  const { clientId, clientSecret, authorization } = client;
  const encoded = authorization.slice('Basic '.length);
  const of = (text: string) => `Basic ${Buffer.from(text, 'latin1').toString('base64')}`;
  // Escapes of letters that need none are the same letters.
  const escaped = [...clientId].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
  for (const good of [
    authorization,
    `basic ${encoded}`,
    `BASIC   ${encoded}`,
    of(`${escaped}:${clientSecret}`),
  ]) {
    assert.equal((await post(TOKEN, grant, { authorization: good })).status, 200, good);
  }
  for (const bad of [
    'Basic',
    'Basic ',
    `Basic ${encoded}=`,
    `Basic ${encoded.replace(/=+$/, '')}!`,
    `Basic\t${encoded}`,
    of(clientId),
    of(`:${clientSecret}`),
    of(`${clientId}:${clientSecret}:`),
    of(`${clientId}:${clientSecret} `),
    of(`${clientId}:%zz`),
    of(`${clientId}:é`),
    of(`${clientId}\0:${clientSecret}`),
    'Digest username="x"',
    `Negotiate ${encoded}`,
  ]) {
    const { status, json } = await post(TOKEN, grant, { authorization: bad, from: '127.0.0.9' });
    assert.deepEqual([status, json.error], [401, 'invalid_client'], bad);
  }
});

test('a Bearer header, however stale, is not looked at; two Authorization headers are', async () => {
  const { clientId: client_id, clientSecret: client_secret, authorization } = client;
  const form = { ...grant, client_id, client_secret };
  assert.equal((await post(TOKEN, form, { authorization: 'Bearer stale' })).status, 200);
  const { status, json } = await send(TOKEN, {
    rawHeaders: [
      ...['Content-Type', FORM['content-type']],
      ...['Authorization', authorization, 'authorization', 'Bearer stale'],
      ...['Content-Length', '29', 'Connection', 'close'],
    ],
    body: new URLSearchParams(grant).toString(),
  });
  assert.deepEqual([status, json.error], [400, 'invalid_request']);
});

test('bodies that are no form, or say a thing twice, are refused', async () => {
  const authorization = client.authorization;
  const good = new URLSearchParams(grant).toString();
  const cases: readonly (readonly [string | Buffer, object, number])[] = [
    [`${good}&grant_type=client_credentials`, FORM, 400],
    [`${good}&scope=asset%3Aread&sc%6Fpe=asset%3Aread`, FORM, 400],
    [`${good}&x=1&x=2`, FORM, 400],
    [`${good}&scope=%ff`, FORM, 400],
    [`${good}&scope=%`, FORM, 400],
    [Buffer.from(`${good}&scope=\xff`, 'latin1'), FORM, 400],
    [`${good}${'&a'.repeat(40)}`, FORM, 400],
    [JSON.stringify(grant), { 'content-type': 'application/json' }, 400],
    [good, { 'content-type': 'text/plain' }, 400],
    [good, {}, 400],
    ['', FORM, 400],
    [`${good}&pad=${'a'.repeat(40_000)}`, FORM, 413],
  ];
  for (const [body, headers, status] of cases) {
    const answer = await send(TOKEN, { headers: { ...headers, authorization }, body });
    const said = [answer.status, answer.json.error, answer.headers['cache-control']];
    assert.deepEqual(said, [status, 'invalid_request', 'no-store'], String(body).slice(0, 60));
  }
  // Absent and empty are the same (RFC 6749, 3.2), and unknown parameters are ignored.
  const answer = await send(TOKEN, {
    headers: { ...FORM, authorization },
    body: `${good}&scope=&unknown=1`,
  });
  assert.equal(answer.json.scope, 'asset:update asset:read');
});

test('other grants and other methods are refused as such', async () => {
  for (const grant_type of ['password', 'authorization_code', 'constructor', '__proto__']) {
    const { status, json } = await post(TOKEN, { grant_type }, client);
    assert.deepEqual([status, json.error], [400, 'unsupported_grant_type'], grant_type);
  }
  const { status, json } = await post(TOKEN, {}, client);
  assert.deepEqual([status, json.error], [400, 'invalid_request']);
  assert.match(String(json.error_description), /grant_type is missing/);
  const get = await send(TOKEN, { method: 'GET' });
  assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
});

test('guessing is limited for a client at an address, and for nobody else', async () => {
  const victim = await machine(operator);
  const from = '127.0.0.66';
  const guess = () => post(TOKEN, grant, { authorization: basic(victim.clientId, 'guess'), from });
  for (let count = 0; count < 10; count += 1) assert.equal((await guess()).status, 401);
  const { status, json, headers } = await guess();
  assert.deepEqual([status, json.error], [429, 'temporarily_unavailable']);
  assert.ok(Number(headers['retry-after']) >= 1);
  // The real client elsewhere, and another client at the same address, go on.
  assert.equal((await post(TOKEN, grant, victim)).status, 200);
  assert.equal((await post(TOKEN, grant, { ...client, from })).status, 200);
});

test('unknown clients are limited by address', async () => {
  const from = '127.0.0.67';
  const guess = (n: number) =>
    post(TOKEN, grant, { authorization: basic(`cli_${n}`, 'guess'), from });
  for (let count = 0; count < 100; count += 1) assert.equal((await guess(count)).status, 401);
  assert.equal((await guess(100)).status, 429);
});

test('a client may ask as often as it likes', async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, () => post(TOKEN, grant, client)));
  assert.ok(answers.every(({ status }) => status === 200));
  const ids = new Set(answers.map(({ json }) => claimsOf(json.access_token).jti));
  assert.equal(ids.size, 300);
});

test('while a secret is changed both are good; a revoked one is not', async () => {
  const { clientId, clientSecret } = await machine(operator);
  const good = async (secret: string) =>
    (await post(TOKEN, grant, { authorization: basic(clientId, secret) })).status === 200;
  const second = (await operator.rotateClientSecret({ clientId })).clientSecret;
  assert.deepEqual([await good(clientSecret), await good(second)], [true, true]);
  const third = await operator.rotateClientSecret({ clientId, overlapSeconds: 0 });
  const all = [await good(clientSecret), await good(second), await good(third.clientSecret)];
  assert.deepEqual(all, [false, false, true]);
});

test('the endpoint is listed by discovery, at both paths', async () => {
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const document = await (await fetch(`${auth.httpUrl}/.well-known/${name}`)).json();
    const { token_endpoint } = document as { token_endpoint: string };
    assert.equal(token_endpoint, `${ISSUER}/oauth2/token`);
  }
});

test('what the gateway brings is from outside: no workload asks, and failures count for the client', async () => {
  const target = { authority: fleet.authority, port: auth.keysPort };
  const form = (more: Record<string, string>) => ({ ...grant, ...more });
  const through = (headers: object, more: Record<string, string> = {}) =>
    postAs(target, 'gateway', { form: form(more), headers: { ...headers } });
  // Even where somebody made the gateway a client.
  await operator.createClient({ name: 'gateway', scopes: ['asset:update'], workload: 'gateway' });
  assert.equal((await through({})).status, 401);
  const exchange = await through(
    {},
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: 'gatehouse.local',
      subject_token: JSON.stringify({ sub: 'spiffe://gatehouse.local/gateway' }),
      subject_token_type: 'urn:ietf:params:oauth:token-type:unsigned_json',
      requested_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
    },
  );
  assert.equal(exchange.json.error, 'unauthorized_client');
  const { authorization } = client;
  const bad = { authorization: basic(client.clientId, 'guess') };
  for (let count = 0; count < 10; count += 1) {
    assert.equal((await through({ ...bad, 'x-forwarded-for': '203.0.113.9' })).status, 401);
  }
  assert.equal((await through({ authorization, 'x-forwarded-for': '203.0.113.9' })).status, 429);
  assert.equal((await through({ authorization, 'x-forwarded-for': '203.0.113.10' })).status, 200);
});

test('a workload gets a service token by its certificate, as its client', async () => {
  const target = { authority: fleet.authority, port: auth.keysPort };
  const { clientId } = await machine(operator, { scopes: ['asset:read'], workload: 'core' });
  const { json } = await postAs(target, 'core', { form: grant });
  assert.equal(claimsOf(json.access_token).sub, clientId);
  assert.equal((await postAs(target, 'board', { form: grant })).status, 401);
});
