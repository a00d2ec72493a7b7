/** Upstreams through reloads, checks and look-ups. */
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { createTestClock } from '@gatehouse/testing';
import { createSweeper } from './sweeper.ts';
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
import { createUpstreams } from './upstreams.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const answers = (socket: Socket): void => onHeads(socket, () => socket.write(OK));

test('equal settings keep their connections; others are finished and replaced', async (t) => {
  const server = await rawServer(t, answers);
  const { upstreams, addresses } = upstreamsAt(t, settings([server.port]));
  await send(upstreams.client('it')).done;
  upstreams.update(structuredClone(settings([server.port])));
  await send(upstreams.client('it')).done;
  assert.equal(server.sockets.length, 1);
  upstreams.update(settings([server.port], { keepAliveMs: 1 }));
  assert.equal(addresses()[0]?.openConnections, 0);
  await send(upstreams.client('it')).done;
  assert.equal(server.sockets.length, 2);
});

test('what is under way when its upstream is taken away is finished', async (t) => {
  let finish = (): void => undefined;
  const server = await rawServer(t, (socket) => {
    onHeads(socket, () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha');
      finish = () => socket.write('lf');
    });
  });
  const { upstreams } = upstreamsAt(t, settings([server.port]));
  const client = upstreams.client('it');
  const sent = send(client);
  await sent.head;
  upstreams.update(new Map());
  assert.deepEqual(upstreams.states(), []);
  finish();
  assert.equal((await sent.done).body, 'half');
  // One that was matched before the reload, and is sent after it.
  const late = send(upstreams.client('it'));
  await late.head;
  finish();
  assert.equal((await late.done).error, undefined);
  await until(() => server.sockets.every((socket) => socket.destroyed));
  upstreams.update(new Map());
  assert.throws(() => upstreams.client('it'), /no such upstream/);
});

test('a hundred reloads under load: no request fails', async (t) => {
  const servers = [await rawServer(t, answers), await rawServer(t, answers)];
  const ports = servers.map(({ port }) => port);
  const upstreams = createUpstreams();
  t.after(() => upstreams.close(0));
  let reloads = 0;
  const reload = (): void => {
    reloads += 1;
    upstreams.update(settings(ports.slice(reloads % 2), { keepAliveMs: 1000 + reloads }));
  };
  reload();
  const ask = async (): Promise<number> => {
    let asked = 0;
    for (; reloads < 100; asked += 1) {
      const outcome = await send(upstreams.client('it')).done;
      assert.equal(outcome.body, 'ok', outcome.error?.code);
    }
    return asked;
  };
  const loads = Array.from({ length: 20 }, ask);
  while (reloads < 100) {
    await turns(5);
    reload();
  }
  const asked = (await Promise.all(loads)).reduce((sum, each) => sum + each);
  assert.ok(asked > 200, `${asked} requests`);
});

test('a close lets requests finish, and ends those that do not', async (t) => {
  const server = await rawServer(t, (socket, index) => {
    onHeads(socket, () => index === 0 && socket.write(OK));
  });
  const upstreams = createUpstreams();
  upstreams.update(settings([server.port]));
  const finishes = send(upstreams.client('it'));
  await upstreams.close(60_000);
  assert.equal((await finishes.done).body, 'ok');
  upstreams.update(settings([server.port]));
  const hangs = send(upstreams.client('it'));
  await upstreams.close(0);
  assert.equal((await hangs.done).error?.code, 'gateway.upstream_away');
});

const ACTIVE = {
  path: '/healthz',
  intervalMs: 1000,
  timeoutMs: 500,
  unhealthyAfter: 2,
  healthyAfter: 2,
};

test('an address is asked how it is, and gets no request while it is not well', async (t) => {
  let status = 200;
  const checks: string[] = [];
  const counts = [0, 0];
  const servers = await Promise.all(
    [0, 1].map((which) =>
      rawServer(t, (socket) => {
        onHeads(socket, (head) => {
          const isCheck = head.startsWith('GET /healthz ');
          if (isCheck && which === 0) checks.push(head);
          if (!isCheck) counts[which] = (counts[which] ?? 0) + 1;
          const said = isCheck && which === 0 ? status : 200;
          if (said !== 0) socket.write(`HTTP/1.1 ${said} X\r\nContent-Length: 0\r\n\r\n`);
        });
      }),
    ),
  );
  const health = { active: ACTIVE, passive: { consecutiveFailures: 5, ejectMs: 1, maxEjectMs: 1 } };
  const ports = servers.map(({ port }) => port);
  const { client, pass, addresses } = upstreamsAt(t, settings(ports, { health }));
  const check = async (): Promise<void> => {
    const before = checks.length;
    pass(1200);
    await until(() => checks.length > before);
    // Answered, and read.
    await turns(20);
  };
  const isWell = (): boolean => addresses()[0]?.health === 'up';
  await check();
  assert.ok(checks[0]?.includes(`Host: 127.0.0.1:${servers[0]?.port}\r\n`));
  status = 500;
  await check();
  assert.ok(isWell(), 'one bad answer');
  await check();
  assert.equal(addresses()[0]?.health, 'unhealthy');
  for (let each = 0; each < 4; each += 1) await send(client).done;
  assert.deepEqual(counts, [0, 4]);
  status = 302;
  await check();
  assert.equal(addresses()[0]?.health, 'unhealthy', 'one good answer');
  await check();
  assert.ok(isWell());
  status = 0;
  await check();
  pass(500);
  await check();
  pass(500);
  assert.equal(addresses()[0]?.health, 'unhealthy', 'no answer in time');
});

test('a name with several addresses is all of them, and is looked up again', async (t) => {
  const server = await rawServer(t, answers);
  const clock = createTestClock(1_000_000);
  const sweeper = createSweeper(clock);
  let found: readonly LookupAddress[] = [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
    { address: '::1', family: 6 },
  ];
  const upstreams = createUpstreams({
    sweeper,
    lookup: async () => {
      if (found.length === 0) throw new Error('SERVFAIL');
      return found;
    },
  });
  t.after(() => upstreams.close(0));
  upstreams.update(settings([], { addresses: [{ host: 'localhost', port: server.port }] }));
  const labels = () => upstreams.states()[0]?.addresses.map(({ address }) => address);
  const lookAgain = async (now: typeof found): Promise<void> => {
    found = now;
    clock.advance(10_000);
    sweeper.tick();
    await turns(2);
  };
  assert.equal((await send(upstreams.client('it')).done).body, 'ok', 'before it was looked up');
  await until(() => labels()?.length === 2);
  const all = [1, 2].map((last) => `localhost:${server.port} (127.0.0.${last})`);
  assert.deepEqual(labels(), all);
  await lookAgain([]);
  assert.deepEqual(labels(), all, 'what was found before stays');
  await lookAgain([{ address: '127.0.0.1', family: 4 }]);
  assert.deepEqual(labels(), [`localhost:${server.port}`]);
  assert.equal(
    (await send(upstreams.client('it'), request({ timeouts: TIMEOUTS })).done).body,
    'ok',
  );
});
