/** Which address gets a request, and what becomes of those that fail. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { StreamBody } from '@gatehouse/wire';
import {
  onHeads,
  rawServer,
  request,
  send,
  settings,
  TIMEOUTS,
  turns,
  until,
  upstreamsAt,
} from './test-support/upstream.ts';
import type { UpstreamRequest } from './upstream-client.ts';

const PASSIVE = { passive: { consecutiveFailures: 3, ejectMs: 1000, maxEjectMs: 3000 } };

type Manner = (socket: Socket) => void;

const well: Manner = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const unavailable: Manner = (socket) =>
  socket.write('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
const breaks: Manner = (socket) => socket.resetAndDestroy();
const silent: Manner = () => undefined;

/** As many servers as manners; each can change its manner. */
async function setUp(t: TestContext, manners: Manner[], over: Parameters<typeof settings>[1] = {}) {
  const counts = manners.map(() => 0);
  const servers = await Promise.all(
    manners.map((_, which) =>
      rawServer(t, (socket) => {
        onHeads(socket, () => {
          counts[which] = (counts[which] ?? 0) + 1;
          manners[which]?.(socket);
        });
      }),
    ),
  );
  const ports = servers.map(({ port }) => port);
  const around = upstreamsAt(t, settings(ports, { health: PASSIVE, ...over }));
  const ask = (over: Partial<UpstreamRequest> = {}) => send(around.client, request(over)).done;
  const askMany = async (count: number, over: Partial<UpstreamRequest> = {}) => {
    const before = [...counts];
    for (let each = 0; each < count; each += 1) await ask(over);
    return counts.map((now, which) => now - (before[which] ?? 0));
  };
  const health = () => around.addresses().map((each) => each.health);
  return { ...around, servers, counts, ask, askMany, health };
}

test('one after the other where all have as many under way', async (t) => {
  const { askMany } = await setUp(t, [well, well, well]);
  assert.deepEqual(await askMany(9), [3, 3, 3]);
});

test('who keeps its requests gets no more of them than the others have', async (t) => {
  const { client, counts, ask } = await setUp(t, [silent, well]);
  const sent = [send(client), send(client)];
  await sent[1]?.done;
  await until(() => counts[0] === 1);
  for (let each = 0; each < 10; each += 1) await ask();
  assert.deepEqual(counts, [1, 11]);
  for (const { exchange } of sent) exchange.abort();
});

test('an address where no one listens costs no request, and is ejected', async (t) => {
  const { ask, servers, health, addresses, pass } = await setUp(t, [well, well]);
  await servers[0]?.close();
  for (let each = 0; each < 20; each += 1) {
    assert.equal((await ask({ method: 'DELETE' })).body, 'ok');
  }
  assert.deepEqual(health(), ['ejected', 'up']);
  assert.deepEqual(
    [addresses()[0]?.ejectedForMs, addresses()[0]?.lastError],
    [1000, 'ECONNREFUSED'],
  );
  pass(1000);
  assert.equal((await ask()).body, 'ok');
  assert.equal((await ask()).body, 'ok');
  assert.equal(addresses()[0]?.ejectedForMs, 2000, 'the first failure after its return is enough');
  pass(2000);
  await ask();
  await ask();
  assert.equal(addresses()[0]?.ejectedForMs, 3000, 'and no more than maxEjectMs');
});

test('a safe request that was lost is repeated elsewhere, another is not', async (t) => {
  for (const method of ['GET', 'OPTIONS']) {
    const { ask, counts } = await setUp(t, [breaks, well]);
    assert.equal((await ask({ method, retries: 1 })).status, 200, method);
    assert.deepEqual(counts, [1, 1]);
    assert.equal((await ask({ method })).status, 200, 'a retry takes no turn');
    assert.equal((await ask({ method })).error?.code, 'gateway.upstream_away', method);
  }
  const unsafe = ['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND', 'get'];
  const alone = await setUp(t, [breaks]);
  for (const method of unsafe) {
    const outcome = await alone.ask({ method, retries: 3 });
    assert.equal(outcome.error?.code, 'gateway.upstream_away', method);
  }
  assert.deepEqual(alone.counts, [unsafe.length]);
});

test('without retries nothing that was sent is repeated', async (t) => {
  const { ask } = await setUp(t, [breaks]);
  assert.equal((await ask()).error?.code, 'gateway.upstream_away');
});

test('repeats end with the budget: a share of the requests, and some each second', async (t) => {
  const { askMany, pass } = await setUp(t, [breaks], {
    retryBudget: { ratio: 0.25, minPerSecond: 1 },
  });
  const repeats = async (requests: number) =>
    ((await askMany(requests, { retries: 3 }))[0] ?? 0) - requests;
  assert.equal(await repeats(100), 35, '10 granted for 10 s, 25 earned');
  assert.equal(await repeats(100), 25);
  pass(2000);
  assert.equal(await repeats(10), 4);
});

test('the last address that is well is never ejected, and where none is, all are used', async (t) => {
  const manners = [breaks, breaks];
  const { askMany, health } = await setUp(t, manners);
  await askMany(20);
  assert.deepEqual(health().sort(), ['ejected', 'up']);
  manners.fill(well);
  const spread = await askMany(4);
  assert.ok(spread.includes(0) && spread.includes(4), 'who is not ejected gets all');
});

test('an answer that says it cannot is handed on as it is, and counts', async (t) => {
  const { ask, health, addresses } = await setUp(t, [unavailable, well]);
  const statuses: (number | undefined)[] = [];
  for (let each = 0; each < 8; each += 1) statuses.push((await ask({ retries: 2 })).status);
  assert.equal(statuses.filter((status) => status === 503).length, 3);
  assert.deepEqual(health(), ['ejected', 'up']);
  assert.equal(addresses()[0]?.lastError, 'status 503');
});

test('who comes back begins with a tenth of its share, and has all of it after slowStartMs', async (t) => {
  const manners = [breaks, well];
  const { askMany, pass, health } = await setUp(t, manners, { slowStartMs: 10_000 });
  await askMany(6);
  manners[0] = well;
  pass(1000);
  assert.deepEqual(health(), ['rising', 'up']);
  const [early = 0] = await askMany(1000);
  assert.ok(early > 40 && early < 150, `${early} of 1000, about 91 wanted`);
  pass(5000);
  const [half = 0] = await askMany(1000);
  assert.ok(half > 290 && half < 420, `${half} of 1000, about 355 wanted`);
  pass(5000);
  assert.deepEqual(await askMany(100), [50, 50]);
  assert.deepEqual(health(), ['up', 'up']);
});

test('a client that goes away blames nobody', async (t) => {
  const { client, health, counts } = await setUp(t, [silent, silent]);
  for (let each = 1; each <= 20; each += 1) {
    const { exchange } = send(client);
    await until(() => (counts[0] ?? 0) + (counts[1] ?? 0) === each);
    exchange.abort();
  }
  assert.deepEqual(health(), ['up', 'up']);
});

test('no head in time: elsewhere if safe, else told', async (t) => {
  const { client, counts, pass, addresses } = await setUp(t, [silent, well]);
  const slow = send(client, request({ method: 'DELETE' }));
  const other = send(client, request({ retries: 1 }));
  await until(() => counts[0] === 1 && counts[1] === 1);
  await other.done;
  const repeated = send(client, request({ retries: 1 }));
  await repeated.done;
  pass(TIMEOUTS.firstByteMs - 1);
  assert.equal(slow.outcome.error, undefined);
  pass(1);
  assert.equal((await slow.done).error?.code, 'gateway.upstream_timeout');
  assert.equal(addresses()[0]?.lastError, 'gateway.upstream_timeout');
  assert.equal(addresses()[0]?.openConnections, 0);
});

test('a time-out of a safe request leads to the other address', async (t) => {
  const { client, counts, pass } = await setUp(t, [silent, well]);
  const sent = send(client, request({ retries: 1 }));
  await until(() => counts[0] === 1);
  pass(TIMEOUTS.firstByteMs);
  assert.equal((await sent.done).body, 'ok');
});

test('a body in which nothing moves is given up; one that the client does not take is not', async (t) => {
  const halves: Manner = (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome');
  const { client, pass } = await setUp(t, [halves]);
  const sent = send(client);
  await until(() => sent.outcome.body === 'some');
  pass(TIMEOUTS.idleMs);
  const outcome = await sent.done;
  assert.deepEqual(
    [outcome.error?.code, outcome.phase],
    ['gateway.upstream_timeout', 'after-head'],
  );
  const held = send(client, request(), () => false);
  await until(() => held.outcome.body === 'some');
  pass(TIMEOUTS.idleMs * 10);
  assert.equal(held.outcome.error, undefined);
  held.exchange.resume();
  pass(TIMEOUTS.idleMs);
  assert.equal((await held.done).error?.code, 'gateway.upstream_timeout');
});

test('the whole has an end, over all attempts', async (t) => {
  const { client, pass, counts } = await setUp(t, [silent, silent]);
  const timeouts = { ...TIMEOUTS, totalMs: 7000 };
  const sent = send(client, request({ retries: 9, timeouts }));
  await until(() => (counts[0] ?? 0) + (counts[1] ?? 0) === 1);
  pass(5000);
  await until(() => (counts[0] ?? 0) + (counts[1] ?? 0) === 2);
  pass(2000);
  assert.equal((await sent.done).error?.code, 'gateway.upstream_timeout');
});

test('a client that stops sending is told so, and its upstream is not blamed', async (t) => {
  const { client, pass, addresses, servers } = await setUp(t, [silent]);
  const stream = new PassThrough();
  const sent = send(
    client,
    request({ method: 'POST', body: { source: new StreamBody(stream), length: undefined } }),
  );
  stream.write('some');
  await until(() => (servers[0]?.sockets[0]?.bytesRead ?? 0) > 0);
  pass(TIMEOUTS.idleMs);
  assert.equal((await sent.done).error?.code, 'gateway.timeout');
  assert.equal(addresses()[0]?.lastError, undefined);
});

test('an upstream that says nothing to an expectation gets the body after a second', async (t) => {
  const seen: string[] = [];
  const server = await rawServer(t, (socket) => {
    socket.on('data', (chunk) => {
      seen.push(chunk.toString('latin1'));
      if (seen.join('').endsWith('hello')) well(socket);
    });
  });
  const { client, pass } = upstreamsAt(t, settings([server.port]));
  const body = { source: new StreamBody(Readable.from([Buffer.from('hello')])), length: 5 };
  const sent = send(client, request({ method: 'PUT', body, expectContinue: true }));
  await until(() => seen.length > 0);
  pass(999);
  await turns(20);
  assert.ok(!seen.join('').includes('hello'));
  pass(1);
  assert.equal((await sent.done).body, 'ok');
});
