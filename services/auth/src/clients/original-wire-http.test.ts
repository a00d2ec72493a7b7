/** Golden exchanges of the original system, as bytes (docs/guides/machine-clients.md). */
import assert from 'node:assert/strict';
import { verify as verifySignature } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { startFleet } from '../test-support/fleet.ts';
import { claimsOf, machine, send } from '../test-support/machines.ts';
import { ISSUER } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const auth = await fleet.startAuth();
const operator = await fleet.dialAs(OperatorService, 'operator', auth.service);
const client = await machine(operator, { scopes: ['asset:update'] });
const JSON_TYPE = { 'content-type': 'application/json' };
const TOKEN_PATHS = ['/msa/auth/api/token', '/msa/auth/token'];
const KEY_PATHS = ['/msa/auth/api/public-key', '/msa/auth/public-key'];
const good = JSON.stringify({ clientId: client.clientId, clientSecret: client.clientSecret });

const ask = (body: string, headers: object = {}) =>
  send(`${auth.httpUrl}${TOKEN_PATHS[0]}`, { headers: { ...JSON_TYPE, ...headers }, body });

/** One exchange over a bare socket: what is on the wire, and nothing else. */
async function exchange(request: string): Promise<string> {
  const { port, hostname } = new URL(auth.httpUrl);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1');
  let answer = '';
  socket.on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.write(request);
  await once(socket, 'close');
  return answer;
}

function headOf(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [line = '', ...headers] = head.split('\r\n');
  const entries = headers.map((header) => header.split(': ') as [string, string]);
  return {
    line,
    body,
    headers: new Map(entries.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

for (const path of TOKEN_PATHS) {
  test(`POST ${path}: the bare token as text, with its length, whatever Accept says`, async () => {
    const { line, headers, body } = headOf(
      await exchange(
        [
          `POST ${path} HTTP/1.1`,
          'Accept: text/plain, application/json, application/*+json, */*',
          'Content-Type: application/json',
          'User-Agent: Java/17',
          'Host: localhost:8091',
          'Connection: close',
          `Content-Length: ${good.length}`,
          '',
          good,
        ].join('\r\n'),
      ),
    );
    assert.equal(line, 'HTTP/1.1 200 OK');
    assert.equal(headers.get('content-type'), 'text/plain;charset=UTF-8');
    assert.equal(headers.get('content-length'), String(body.length));
    assert.match(body, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  });
}

test('the token verifies with the public key as an original server does it', async () => {
  const { text: token } = await ask(good);
  const { text: key } = await send(`${auth.httpUrl}${KEY_PATHS[0]}`, { method: 'GET' });
  const [header = '', payload = '', signature = ''] = token.split('.');
  const pem = `-----BEGIN PUBLIC KEY-----\n${key}\n-----END PUBLIC KEY-----`;
  const input = Buffer.from(`${header}.${payload}`);
  assert.ok(verifySignature('sha256', input, pem, Buffer.from(signature, 'base64url')));
  assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()).alg, 'RS256');
  const { iss, sub, iat, exp } = claimsOf(token);
  assert.deepEqual([iss, sub, Number(exp) - Number(iat)], [ISSUER, client.clientId, 300]);
});

for (const path of KEY_PATHS) {
  test(`GET and HEAD ${path}: one line of base64`, async () => {
    const get = headOf(
      await exchange(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    assert.equal(get.line, 'HTTP/1.1 200 OK');
    assert.equal(get.headers.get('content-type'), 'text/plain;charset=UTF-8');
    assert.equal(get.headers.get('content-length'), '392');
    assert.match(get.body, /^[A-Za-z0-9+/]{391}=$|^[A-Za-z0-9+/]{392}$|^[A-Za-z0-9+/]{390}==$/);
    const head = headOf(
      await exchange(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
    );
    assert.deepEqual([head.line, head.body], ['HTTP/1.1 200 OK', '']);
    assert.equal(head.headers.get('content-length'), '392');
  });
}

test('a wrong secret and an unknown client are answered with exactly these words', async () => {
  for (const pair of [
    { clientId: client.clientId, clientSecret: 'wrong' },
    { clientId: 'cli_nobody', clientSecret: 'wrong' },
  ]) {
    const { status, text, headers } = await ask(JSON.stringify(pair));
    assert.deepEqual([status, text], [401, 'Unauthorized: invalid_client or secret mismatch']);
    assert.equal(headers['content-type'], 'text/plain;charset=UTF-8');
  }
});

test('unknown members and a stray Authorization header are ignored', async () => {
  const more = JSON.stringify({ ...JSON.parse(good), scope: 'x', nested: { a: 1 } });
  assert.equal((await ask(more)).status, 200);
  for (const authorization of ['Bearer stale', 'Basic !!!', 'nonsense']) {
    assert.equal((await ask(good, { authorization })).status, 200, authorization);
  }
});

test('where the original says 401 to a malformed request, ours names the fault', async () => {
  const problem = 'application/problem+json';
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['', ''],
    ['{', ''],
    ['[]', ''],
    ['null', ''],
    ['{}', '/clientId'],
    [JSON.stringify({ clientId: client.clientId }), '/clientSecret'],
    [JSON.stringify({ clientId: 7, clientSecret: 'x' }), '/clientId'],
    [JSON.stringify({ clientId: '', clientSecret: 'x' }), '/clientId'],
    [JSON.stringify({ client_id: 'x', client_secret: 'x' }), '/clientId'],
  ];
  for (const [body, pointer] of cases) {
    const answer = await ask(body);
    assert.deepEqual([answer.status, answer.headers['content-type']], [400, problem], body);
    const { errors } = answer.json as { errors: readonly { pointer: string }[] };
    assert.deepEqual(
      errors.map((error) => error.pointer),
      [pointer],
      body,
    );
  }
  const url = auth.httpUrl;
  const text = await send(`${url}${TOKEN_PATHS[0]}`, {
    headers: { 'content-type': 'text/plain' },
    body: good,
  });
  assert.equal(text.status, 415);
  const get = await send(`${url}${TOKEN_PATHS[0]}`, { method: 'GET' });
  assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
  assert.equal((await send(`${url}/msa/auth/api/tokens`, { body: good })).status, 404);
  assert.equal((await ask(good.replace('}', `,"pad":"${'a'.repeat(5000)}"}`))).status, 413);
});

test('guessing is limited here as at the OAuth endpoint, by one count', async () => {
  const { clientId } = await machine(operator);
  const from = '127.0.0.68';
  const body = JSON.stringify({ clientId, clientSecret: 'guess' });
  const guess = () => send(`${auth.httpUrl}${TOKEN_PATHS[1]}`, { headers: JSON_TYPE, body, from });
  for (let count = 0; count < 10; count += 1) assert.equal((await guess()).status, 401);
  const { status, headers } = await guess();
  assert.equal(status, 429);
  assert.ok(Number(headers['retry-after']) >= 1);
});

test('it can be off, and so can the whole plain listener', async () => {
  const workloadsOnly = await fleet.startAuth({ GATEHOUSE_HTTP_PORT: '' });
  assert.equal(new URL(workloadsOnly.httpUrl).port, '0');
  assert.ok(workloadsOnly.keysPort > 0);
  const without = await fleet.startAuth({ GATEHOUSE_ORIGINAL_WIRE: 'off' });
  for (const path of [...TOKEN_PATHS, ...KEY_PATHS]) {
    assert.equal((await send(`${without.httpUrl}${path}`, { method: 'GET' })).status, 404);
  }
  assert.equal(
    (await send(`${without.httpUrl}/.well-known/jwks.json`, { method: 'GET' })).status,
    200,
  );
});
