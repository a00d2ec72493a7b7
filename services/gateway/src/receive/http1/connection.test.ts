/** What becomes of connections that behave badly: bounds and times, on plain TCP and over TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import {
  type MakeReceiver,
  onBoth,
  secureContextOptions,
  secureReceiver,
} from '../../test-support/transports.ts';
import { failureOf, problemResponse } from '../problem.ts';
import type { EdgeResponse, Handler, Incoming } from '../seam.ts';
import { Http1Connection } from './connection.ts';
import type { ConnectionShared } from './shared.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const LARGE_BYTES = 32 * 1024 * 1024;

/** One connection on a real socket, whose time goes by ticks alone. */
async function connection([t, make]: readonly [TestContext, MakeReceiver], handle: Handler) {
  const shared: { nowMs: number } & ConnectionShared = {
    handle,
    wireFault: (error) => problemResponse(failureOf(error), 'trace'),
    isDraining: () => false,
    nowMs: 1000,
    connections: new Set(),
  };
  const isSecure = make === secureReceiver;
  const server = isSecure ? createTlsServer(secureContextOptions()) : createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = { port: (server.address() as AddressInfo).port, host: '127.0.0.1' };
  const bare = connect({ ...at, allowHalfOpen: true });
  const client = isSecure ? connectTls({ socket: bare, rejectUnauthorized: false }) : bare;
  client.on('error', () => undefined);
  const event = isSecure ? 'secureConnection' : 'connection';
  const [socket] = (await once(server, event)) as [Socket];
  const served = new Http1Connection(socket, shared);
  t.after(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  const pass = (ms: number): void => {
    shared.nowMs += ms;
    served.onTick(shared.nowMs);
  };
  return { client, socket, served, shared, pass };
}

async function rounds(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

onBoth('what is sent ahead is not read on with each answer', async (t, make) => {
  const stuck = Promise.withResolvers<void>();
  let asked = 0;
  const { client, socket } = await connection([t, make], async () => {
    asked += 1;
    if (asked > 200) stuck.resolve();
    if (asked > 200) return new Promise<EdgeResponse>(() => {});
    await rounds(1);
    return { status: 204, headers: {} };
  });
  client.write(REQUEST.repeat(1_000_000));
  client.resume();
  await stuck.promise;
  await rounds(50);
  assert.ok(socket.bytesRead < 1_000_000, `${socket.bytesRead}`);
});

onBoth('a client that ended its side and never reads is given up in the end', async (t, make) => {
  const { client, socket, shared, pass } = await connection([t, make], async () => ({
    status: 200,
    headers: {},
    body: Buffer.alloc(LARGE_BYTES),
  }));
  client.write(REQUEST);
  while (socket.writableLength === 0) await rounds(1);
  client.end();
  await once(socket, 'end');
  assert.equal(shared.connections.size, 1, 'it is still looked after');
  pass(1000);
  pass(60_000);
  assert.equal(socket.destroyed, true);
  await once(socket, 'close');
  assert.equal(shared.connections.size, 0);
});

onBoth('a head that comes byte by byte is given up after ten seconds', async (t, make) => {
  const { client, socket, pass } = await connection([t, make], () =>
    assert.fail('there is no request'),
  );
  let text = '';
  client.on('data', (chunk) => {
    text += chunk;
  });
  for (const byte of 'GET / HTTP') {
    client.write(byte);
    await once(socket, 'data');
    pass(1000);
  }
  pass(1000);
  await once(client, 'end');
  assert.match(text, /^HTTP\/1\.1 408 .*connection: close/is);
});

onBoth(
  'a client that says nothing is given up after ten seconds, an idle one after thirty',
  async (t, make) => {
    const silent = await connection([t, make], async () => ({ status: 204, headers: {} }));
    silent.pass(9000);
    assert.equal(silent.socket.destroyed, false);
    silent.pass(1000);
    assert.equal(silent.socket.destroyed, true);
    const idle = await connection([t, make], async () => ({ status: 204, headers: {} }));
    idle.client.write(REQUEST);
    await once(idle.client, 'data');
    while (idle.socket.writableLength > 0) await rounds(1);
    idle.pass(29_000);
    assert.equal(idle.socket.destroyed, false);
    idle.pass(1000);
    assert.equal(idle.socket.destroyed, true);
  },
);

onBoth('a client that goes on sending after its last answer is not waited for', async (t, make) => {
  const { client, socket, pass } = await connection([t, make], async () => ({
    status: 204,
    headers: {},
  }));
  client.write('rubbish\n\n');
  client.resume();
  await once(client, 'end');
  while (!socket.writableFinished) await rounds(1);
  for (let second = 0; second < 2; second += 1) {
    client.write('x');
    await once(socket, 'data');
    pass(1000);
  }
  assert.equal(socket.destroyed, true);
});

onBoth('a slow reader is not cut off while it reads, and is when it stops', async (t, make) => {
  const { client, socket, pass } = await connection([t, make], async () => ({
    status: 200,
    headers: {},
    body: Buffer.alloc(LARGE_BYTES),
  }));
  client.write(REQUEST);
  while (socket.writableLength === 0) await rounds(1);
  for (let step = 0; step < 4; step += 1) {
    pass(1000);
    const until = client.bytesRead + 6_000_000;
    client.resume();
    while (client.bytesRead < until) await once(client, 'data');
    client.pause();
    await rounds(20);
    pass(29_000);
  }
  assert.equal(socket.destroyed, false);
  pass(1000);
  pass(60_000);
  assert.equal(socket.destroyed, true);
});

onBoth(
  'an answer that is on its way is not cut off when no request comes any more',
  async (t, make) => {
    const { client, socket, served } = await connection([t, make], async () => ({
      status: 200,
      headers: {},
      body: Buffer.alloc(LARGE_BYTES),
    }));
    client.write(REQUEST);
    while (socket.writableLength === 0) await rounds(1);
    served.retire();
    client.resume();
    await once(client, 'end');
    assert.ok(client.bytesRead > LARGE_BYTES, `${client.bytesRead}`);
  },
);

onBoth('who looks after its client is gone is told that it is', async (t, make) => {
  let seen: Incoming | undefined;
  const { client, socket } = await connection([t, make], (incoming) => {
    seen = incoming;
    return new Promise(() => {});
  });
  client.write(REQUEST);
  while (seen === undefined) await rounds(1);
  client.destroy();
  await once(socket, 'close');
  assert.equal(seen.signal.aborted, true);
});

onBoth('a piece of nothing does not end a chunked answer', async (t, make) => {
  const { client } = await connection([t, make], async (_incoming, outgoing) => {
    outgoing.head(200, [], undefined);
    outgoing.write(Buffer.alloc(0));
    outgoing.write(Buffer.from('abc'));
    outgoing.end([]);
    return { status: 200, headers: {} };
  });
  client.write(REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  let text = '';
  for await (const chunk of client) text += chunk;
  assert.equal(text.slice(text.indexOf('\r\n\r\n') + 4), '3\r\nabc\r\n0\r\n\r\n');
});
