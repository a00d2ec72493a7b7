import assert from 'node:assert/strict';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { TlsFiles } from '@gatehouse/chassis';
import { createTestAuthority, createTestClock } from '@gatehouse/testing';
import { Connection } from './connection.ts';

const REQUEST = {
  headers: { ':method': 'POST', ':path': '/' },
  body: Buffer.alloc(0),
  limitBytes: 1000,
};

/** A server that answers 200, and a wire to it that can be cut without a word. */
async function setUp(t: TestContext) {
  const authority = await createTestAuthority();
  t.after(() => authority.close());
  const tls = new TlsFiles(await authority.folderFor('board'));
  const own = new TlsFiles(await authority.folderFor('gateway'));
  const server = createSecureServer({ ...tls.secureContextOptions(), requestCert: true });
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 });
    stream.end('ok');
  });
  const serverPort = await listen(server);
  const sockets = new Set<Socket>();
  const wire = createServer((near) => {
    const far = connect(serverPort, 'localhost');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
  });
  const port = await listen(wire);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    wire.close();
  });
  const clock = createTestClock();
  const connection = new Connection({
    address: `localhost:${port}`,
    tls: () => own.connectOptions('spiffe://gatehouse.local/board'),
    clock,
    pingIntervalMs: 20,
    pingTimeoutMs: 2000,
  });
  t.after(() => connection.close());
  return {
    connection,
    clock,
    fallSilent: () => {
      for (const socket of sockets) socket.unpipe();
    },
    stopListening: () => {
      wire.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listen(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}) {
  return new Promise<number>((resolve) => {
    server.listen(0, 'localhost', () => resolve((server.address() as AddressInfo).port));
  });
}

function send(connection: Connection) {
  return connection.send({ ...REQUEST, signal: new AbortController().signal });
}

test('a connection that falls silent is given up, and the next request has a new one', async (t) => {
  const { connection, fallSilent } = await setUp(t);
  assert.equal(String((await send(connection)).body), 'ok');
  fallSilent();
  await assert.rejects(send(connection), { code: 'gateway.upstream_away' });
  assert.equal(String((await send(connection)).body), 'ok');
});

test('where nobody listens, it is left alone for a while', async (t) => {
  const { connection, clock, stopListening } = await setUp(t);
  assert.ok(connection.usable);
  await send(connection);
  stopListening();
  await assert.rejects(send(connection));
  await assert.rejects(send(connection), { name: 'NotProcessed' });
  assert.equal(connection.usable, false);
  clock.advance(2000);
  assert.ok(connection.usable);
});
