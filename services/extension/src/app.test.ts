/** The recorded wire over real sockets on a real Postgres: golden exchanges, refusals, replicas, restarts. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { HttpListener } from '@gatehouse/chassis/http';
import {
  createTestAuthority,
  createTestClock,
  startTestPostgres,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { build } from './app.ts';
import { ISSUER, type OriginalAuth, startOriginalAuth } from './test-support/original-auth.ts';

const NOON = Date.parse('2026-11-26T03:00:00Z');
const MAX = '9223372036854775807';
const closers: (() => Promise<void>)[] = [];
let authority: TestAuthority;
let auth: OriginalAuth;
let databaseUrl: string;
let extension: Running;

interface Running {
  readonly service: TestService;
  readonly port: number;
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  let listener: HttpListener | undefined;
  const draws = [0.3, 0.4];
  const service = await startTestService({
    name: 'extension',
    authority,
    clock: createTestClock(NOON),
    env: {
      DATABASE_URL: databaseUrl,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_ORIGINAL_KEY_URL: auth.keyUrl,
      GATEHOUSE_ORIGINAL_ISSUER: ISSUER,
      GATEHOUSE_ORIGINAL_CLIENTS: 'core',
      ...env,
    },
    build: async (context) => {
      const app = await build(context, () => draws.shift() ?? Math.random());
      [listener] = (app.listeners ?? []) as HttpListener[];
      return app;
    },
  });
  closers.unshift(() => service.close());
  return { service, port: listener?.port ?? 0 };
}

before(async () => {
  const postgres = await startTestPostgres();
  closers.unshift(() => postgres.close());
  authority = await createTestAuthority();
  closers.unshift(() => authority.close());
  auth = await startOriginalAuth(NOON);
  closers.unshift(() => auth.close());
  databaseUrl = await postgres.createDatabase();
  extension = await start();
});

after(async () => {
  for (const close of closers) await close();
});

interface Sent {
  readonly line?: string;
  readonly authorization?: string | undefined;
  readonly body?: string;
  readonly type?: string;
  readonly to?: Running;
}

interface Raw {
  readonly status: string;
  readonly head: string;
  readonly body: string;
}

/** One request as bytes, and the response as bytes. */
async function raw(sent: Sent): Promise<Raw> {
  const { line = 'POST /msa/ext/api/update-asset/1', body = '', to = extension } = sent;
  const { authorization = `Bearer ${auth.token()}`, type = 'application/json' } = sent;
  const head = [
    `${line} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...(authorization === '' ? [] : [`Authorization: ${authorization}`]),
    ...(body === '' ? [] : [`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`]),
  ];
  const socket = connect(to.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  const response = await text(socket);
  const [served = '', ...rest] = response.split('\r\n\r\n');
  return { status: served.slice(9, 12), head: served, body: rest.join('') };
}

function update(userId: string, body: string, sent: Sent = {}): Promise<Raw> {
  return raw({ line: `POST /msa/ext/api/update-asset/${userId}`, body, ...sent });
}

const failed = (message: string) => `{"resultCode":"F","message":"${message}","data":null}`;

test('golden: an update, byte for byte', async () => {
  // Chance is 0.3 and 0.4 for the first that is drawn: exp(0.02 · √(−2 ln 0.7) · cos(0.8 π)).
  const golden = await update('7', '{"asset":1000000}');
  assert.equal(golden.status, '200');
  assert.equal(
    golden.body,
    '{"resultCode":"S","message":"Update asset success","data":{"userId":7,"originalAsset":1000000,"multiplier":0.98642703,"updatedAsset":986427,"date":"2026-11-26"}}',
  );
  assert.match(golden.head, /^content-type: application\/json\r?$/im);
  assert.match(golden.head, new RegExp(`^content-length: ${golden.body.length}\r?$`, 'im'));
});

test('golden: all digits of a 64-bit integer survive, and the day is the one that is given', async () => {
  const body = `{"asset":9007199254740993,"snapshotDay":"2025-12-31","unknown":{"a":[1]}}`;
  const { status, body: response } = await update(MAX, body);
  assert.equal(status, '200');
  assert.match(
    response,
    /^\{"resultCode":"S","message":"Update asset success","data":\{"userId":9223372036854775807,"originalAsset":9007199254740993,"multiplier":[01]\.\d{1,8},"updatedAsset":\d{16},"date":"2025-12-31"\}\}$/,
  );
  const lowest = await update('-9223372036854775808', '{"asset":0,"snapshotDay":null}');
  assert.match(lowest.body, /"userId":-9223372036854775808,"originalAsset":0,.*"updatedAsset":0,/);
});

test('the largest asset either stays within 64 bits or is refused by name', async () => {
  for (let user = 0; user < 12; user += 1) {
    const { status, body } = await update(`5${user}`, `{"asset":${MAX}}`);
    if (status === '200') {
      assert.ok(body.includes(`"originalAsset":${MAX},`));
      assert.ok(BigInt(/"updatedAsset":(\d+)/.exec(body)?.[1] ?? MAX) < BigInt(MAX));
    } else {
      assert.equal(status, '400');
      assert.match(
        body,
        /^\{"resultCode":"F","message":"asset is so large that .*","data":null\}$/,
      );
    }
  }
});

test('any trouble with the token is 401 with an empty body, whatever the body says', async () => {
  const past = Math.floor(NOON / 1_000) - 1_000;
  const tokens = {
    none: '',
    basic: 'Basic Y29yZTpzZWNyZXQ=',
    garbage: 'Bearer not.a.token',
    two: `Bearer ${auth.token()} ${auth.token()}`,
    'altered signature': `Bearer ${auth.token().slice(0, -8)}AAAAAAAA`,
    expired: `Bearer ${auth.token({ iat: past, exp: past + 300 })}`,
    'of the future': `Bearer ${auth.token({ iat: past + 4_000, exp: past + 4_300 })}`,
    'another issuer': `Bearer ${auth.token({ iss: 'else' })}`,
    'a client that is not on the list': `Bearer ${auth.token({ sub: 'stranger' })}`,
    'with a kid': `Bearer ${auth.token({}, { kid: 'k1' })}`,
    RS512: `Bearer ${auth.token({}, { alg: 'RS512' })}`,
    none_alg: `Bearer ${auth.token({}, { alg: 'none' })}`,
    crit: `Bearer ${auth.token({}, { crit: ['b64'], b64: false })}`,
  };
  for (const [name, authorization] of Object.entries(tokens)) {
    for (const line of ['POST /msa/ext/api/update-asset/x', 'GET /msa/ext/api/nothing']) {
      const response = await raw({ line, authorization, body: '{"asset":' });
      assert.deepEqual([response.status, response.body], ['401', ''], name);
      assert.match(response.head, /^content-length: 0\r?$/im);
    }
  }
});

test('with a good token, what is wrong is named in ResData', async () => {
  const asset = `asset must be a whole number from 0 to ${MAX}, in digits alone`;
  const day = 'snapshotDay must be a day: \\"2026-11-26\\"';
  const bodies: Readonly<Record<string, string>> = {
    '{}': asset,
    '{"asset":null}': asset,
    '{"asset":""}': asset,
    '{"asset":"12"}': asset,
    '{"asset":1.5}': asset,
    '{"asset":1.0}': asset,
    '{"asset":1e3}': asset,
    '{"asset":-1}': asset,
    '{"asset":-0}': asset,
    '{"asset":9223372036854775808}': asset,
    '{"asset":true,"snapshotDay":"yesterday"}': `${asset}; ${day}`,
    '{"asset":1,"snapshotDay":[2026,11,26]}': day,
    '{"asset":1,"snapshotDay":20261126}': day,
    '{"asset":1,"snapshotDay":"2026-02-30"}': day,
    '{"asset":1,"asset":2}': 'body must be JSON, each member once',
    '{"asset":': 'body must be JSON, each member once',
    '[1]': 'body must be a JSON object',
    '7': 'body must be a JSON object',
  };
  for (const [body, message] of Object.entries(bodies)) {
    const response = await update('1', body);
    assert.deepEqual([response.status, response.body], ['400', failed(message)], body);
  }
  for (const userId of ['x', '1.5', '9223372036854775808', '007', '+7', '-0', '%31%00']) {
    const response = await update(userId, '{"asset":1}');
    assert.deepEqual(
      [response.status, response.body],
      ['400', failed('userId must be a 64-bit integer')],
      userId,
    );
  }
});

test("the listener's own refusals come in ResData too", async () => {
  const cases = [
    [{ line: 'GET /msa/ext/api/nothing' }, '404', 'There is nothing at this path.'],
    [{ line: 'PUT /msa/ext/api/nickname/1' }, '405', 'This path does not support this method.'],
    [{ body: '<asset/>', type: 'text/xml' }, '415', 'The body must come as application/json.'],
    [
      { body: `{"asset":${'1'.repeat(70_000)}}` },
      '413',
      'The body is larger than this listener takes.',
    ],
    [{ line: 'GET /msa/ext/api/nickname/%' }, '400', 'The request is not one that can be read.'],
  ] as const;
  for (const [sent, status, message] of cases) {
    const response = await raw(sent);
    assert.deepEqual([response.status, response.body], [status, failed(message)]);
  }
});

test('a user and a day keep their multiplier: at once, in replicas, and after a restart', async () => {
  const replica = await start();
  const ask = (to: Running) =>
    update('99', '{"asset":100000000000,"snapshotDay":"2026-01-01"}', { to });
  const responses = await Promise.all(
    Array.from({ length: 40 }, (_, index) => ask(index % 2 === 0 ? extension : replica)),
  );
  await replica.service.close();
  responses.push(await ask(await start()));
  assert.equal(new Set(responses.map(({ body }) => body)).size, 1);
  const other = await update('99', '{"asset":100000000000,"snapshotDay":"2026-01-02"}');
  assert.notEqual(other.body, responses[0]?.body.replace('2026-01-01', '2026-01-02'));
});

test('a nickname is readable, stable, and no other user’s', async () => {
  const replica = await start();
  const ask = (userId: number, to = extension) =>
    raw({ line: `GET /msa/ext/api/nickname/${userId}`, to });
  const responses = await Promise.all(
    Array.from({ length: 60 }, (_, index) =>
      ask(index % 30, index % 2 === 0 ? replica : extension),
    ),
  );
  const names = new Map<string, string>();
  for (const { status, body } of responses) {
    assert.equal(status, '200');
    const [, userId = '', nickname = ''] =
      /^\{"resultCode":"S","message":"Nickname success","data":\{"userId":(\d+),"nickname":"([a-z]+-[a-z]+-\d{4})"\}\}$/.exec(
        body,
      ) ?? [];
    assert.equal(names.get(userId) ?? nickname, nickname, body);
    names.set(userId, nickname);
  }
  assert.equal(new Set(names.values()).size, 30);
});

test('it starts while auth is unavailable, says that it cannot tell, and recovers by itself', async () => {
  auth.isAway = true;
  const running = await start();
  const ready = async () => (await fetch(`${running.service.adminUrl}/readyz`)).status;
  assert.equal(await ready(), 503);
  const response = await update('1', '{"asset":1}', { to: running });
  const message = 'No token can be checked now. Keep it and try again shortly.';
  assert.deepEqual([response.status, response.body], ['503', failed(message)]);
  assert.match(response.head, /^retry-after: \d+\r?$/im);
  auth.isAway = false;
  while ((await ready()) !== 200);
  assert.equal((await update('1', '{"asset":1}', { to: running })).status, '200');
  // And it goes on with the key it has.
  auth.isAway = true;
  assert.equal((await update('2', '{"asset":1}', { to: running })).status, '200');
  auth.isAway = false;
});

test('where no original auth server is set, its tokens are refused; with none at all it does not start', async () => {
  const keys = {
    GATEHOUSE_KEYS_URL: 'https://localhost:1',
    GATEHOUSE_UPSTREAMS: 'auth=localhost:1',
  };
  const ours = { GATEHOUSE_ISSUER: 'http://localhost', GATEHOUSE_ORIGINAL_KEY_URL: '', ...keys };
  const strict = await start(ours);
  assert.equal((await update('1', '{"asset":1}', { to: strict })).status, '401');
  await assert.rejects(start({ GATEHOUSE_ORIGINAL_KEY_URL: '' }), /GATEHOUSE_ISSUER must be set/);
  await assert.rejects(start({ GATEHOUSE_ORIGINAL_CLIENTS: '' }), /GATEHOUSE_ORIGINAL_CLIENTS/);
});
