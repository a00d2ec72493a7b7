/** The attacks of the catalogue that take more than one message. catalogue.test.ts holds the two together. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { UPGRADE_THEN_SMUGGLE, UPGRADE_WITH_BODY } from './catalogue/envoy.ts';
import { type AttackedGateway, startAttackedGateway } from './support/attacked-gateway.ts';
import { attempt, NEXT_ANSWER, sendWire, type Target } from './support/attempt.ts';
import { block, FLAG, FRAME, frame, frameClient } from './support/frames.ts';
import { startIssuer } from './support/issuer.ts';
import { faultsIn, SPOOF } from './support/judge.ts';
import { residentMiB } from './support/process.ts';
import { echo } from './support/recording-upstream.ts';
import { until } from './support/until.ts';

const MOST_GROWTH_MIB = 64;

let gateway: AttackedGateway;
let target: Target;

before(async () => {
  gateway = await startAttackedGateway();
  target = { port: gateway.port, upstream: gateway.upstream, patienceMs: 5000 };
});
after(() => gateway.close());
afterEach(() => gateway.upstream.answerWith(echo));

const ask = (path: string, token: string): Promise<string> =>
  sendWire(target, `GET ${path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer ${token}\r\n\r\n`);

const PSEUDO = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'edge'],
  [':path', '/public/a'],
] as const;

for (const advisory of ['CVE-2024-30255', 'CVE-2023-45288']) {
  test(`${advisory}: CONTINUATION frames without end end the connection`, async () => {
    gateway.upstream.forget();
    const beforeMiB = residentMiB(gateway.tlsPid);
    const socket = await frameClient(gateway.tlsPort);
    let isClosed = false;
    socket.once('close', () => {
      isClosed = true;
    });
    socket.resume();
    socket.write(frame(FRAME.headers, FLAG.endStream, 1, block(PSEUDO)));
    const more = Array.from({ length: 16 }, (_, index) => [`x-${index}`, 'y'.repeat(900)] as const);
    const flood = frame(FRAME.continuation, 0, 1, block(more));
    let sent = 0;
    await until('the connection is ended', () => {
      for (let burst = 0; burst < 20 && socket.writableLength < 1e6; burst += 1) {
        sent += flood.length;
        socket.write(flood);
      }
      return isClosed;
    });
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`);
    assert.ok(residentMiB(gateway.tlsPid) - beforeMiB < MOST_GROWTH_MIB);
    assert.deepEqual(gateway.upstream.received(), []);
  });
}

test('CVE-2023-44487: streams that are reset at once cost the upstream nothing, and others are served', async () => {
  gateway.upstream.forget();
  gateway.upstream.answerWith((request, socket) => setTimeout(() => echo(request, socket), 20));
  const beforeMiB = residentMiB(gateway.tlsPid);
  const socket = await frameClient(gateway.tlsPort);
  socket.resume();
  const cancel = Buffer.from([0, 0, 0, 8]);
  for (let stream = 1; stream < 40_000 && !socket.destroyed; stream += 2) {
    socket.write(
      Buffer.concat([
        frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream, block(PSEUDO)),
        frame(FRAME.reset, 0, stream, cancel),
      ]),
    );
    if (socket.writableLength > 1e6) await new Promise((resolve) => setImmediate(resolve));
  }
  const { nextAnswer } = await attempt(target, async () => '');
  assert.equal(nextAnswer, NEXT_ANSWER);
  assert.ok(
    gateway.upstream.openConnections() <= 300,
    `${gateway.upstream.openConnections()} connections`,
  );
  assert.ok(residentMiB(gateway.tlsPid) - beforeMiB < MOST_GROWTH_MIB * 2);
  socket.destroy();
});

test('CVE-2024-45808: what a client sends stays inside a line of the log', async () => {
  for (const path of ['/public/%0a%7b%22level%22%3a30%7d', `/${SPOOF}`, '/public/"}\\n{"a":"']) {
    await sendWire(
      target,
      `GET ${path} HTTP/1.1\r\nHost: edge\r\nUser-Agent: a"}\t${SPOOF}\r\n\r\n`,
    );
  }
  await sendWire(target, `GET /public/a HTTP/1.1\r\nHost: ${SPOOF}"\r\n\r\n`);
  const lines = gateway.log().filter((line) => line.startsWith('{') || line.includes(SPOOF));
  assert.ok(gateway.log().length > 0, 'there is a log');
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
});

for (const [answer, what] of [
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'answered as if it were a plain request'],
  ['HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 'refused'],
  [
    'HTTP/1.1 200 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'answered with 200 and Upgrade',
  ],
  [
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    'switched to what was not asked for',
  ],
] as const) {
  test(`CVE-2024-23326: an upgrade that is ${what} opens no tunnel`, async () => {
    for (const bytes of [UPGRADE_THEN_SMUGGLE, UPGRADE_WITH_BODY]) {
      gateway.upstream.answerWith((request, socket) =>
        request.target === '/socket' ? socket.write(answer) : echo(request, socket),
      );
      const tried = await attempt(target, () => sendWire(target, bytes));
      assert.deepEqual(faultsIn(tried.received, { passports: true, upgrades: true }), []);
      assert.ok(!tried.arrived.some(({ target: path }) => path.startsWith('/admin')));
      assert.equal(tried.nextAnswer, NEXT_ANSWER);
    }
  });
}

test('CVE-2021-32701: a token that is good for one scope is good for no other, cached or not', async () => {
  const token = gateway.issuer.token({ scope: 'items:read' });
  for (const [path, status] of [
    ['/admin/a', '403'],
    ['/items/1', '200'],
    ['/admin/a', '403'],
    ['/items/1', '200'],
  ] as const) {
    assert.match(await ask(path, token), new RegExp(`^HTTP/1\\.1 ${status} `), path);
  }
  assert.match(await ask('/admin/a', gateway.issuer.token({ scope: 'admin' })), /^HTTP\/1\.1 200 /);
});

test("GHSA-4mq7-pvjg-xp2r: another issuer's token is not good because one like it is cached", async () => {
  const claims = { iss: gateway.issuer.url, scope: 'items:read', jti: 'one' };
  const good = gateway.issuer.token(claims);
  assert.match(await ask('/items/1', good), /^HTTP\/1\.1 200 /);
  const kid = JSON.parse(Buffer.from(good.split('.')[0] ?? '', 'base64url').toString()).kid;
  const other = await startIssuer({ kid });
  for (const token of [other.token(claims), other.token()]) {
    assert.match(await ask('/items/1', token), /^HTTP\/1\.1 401 /);
  }
  const [head, payload] = good.split('.');
  const signature = other.token(claims).split('.')[2];
  assert.match(await ask('/items/1', `${head}.${payload}.${signature}`), /^HTTP\/1\.1 401 /);
  await other.close();
});
