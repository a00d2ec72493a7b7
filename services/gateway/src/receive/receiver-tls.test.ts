/** What only TLS has: handshakes, and clients that want another one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { connectTo, secureReceiver } from '../test-support/transports.ts';
import { failureOf, problemResponse } from './problem.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const HANDSHAKE_MS = 10_000;

async function edge(t: TestContext) {
  const receiver = secureReceiver({
    host: '127.0.0.1',
    port: 0,
    handle: async ({ secure }) => ({ status: 200, headers: { 'x-secure': String(secure) } }),
    wireFault: (error) => problemResponse(failureOf(error), 'trace'),
    settleMs: 0,
  });
  const port = await receiver.start();
  t.after(() => receiver.stop(0));
  return { port, receiver };
}

async function bare(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

test('a handshake that does not come is not waited for', async (t) => {
  const { port } = await edge(t);
  const socket = await bare(port);
  const begunMs = performance.now();
  await once(socket, 'close');
  const tookMs = performance.now() - begunMs;
  assert.ok(tookMs > HANDSHAKE_MS - 500 && tookMs < HANDSHAKE_MS * 3, `${tookMs}`);
});

test('a drain does not wait for a handshake longer than its grace', async (t) => {
  const { port, receiver } = await edge(t);
  const socket = await bare(port);
  const closed = once(socket, 'close');
  await receiver.stop(1);
  await closed;
});

test('bytes that are no TLS end the connection, and a request over TLS is served', async (t) => {
  const { port } = await edge(t);
  const plain = await bare(port);
  plain.write(REQUEST);
  await once(plain, 'close');
  const socket = connectTo(port, () => socket.write(REQUEST));
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 200 OK\r\nx-secure: true\r\n/);
  socket.destroy();
});

test('a client cannot make us shake hands again and again', async (t) => {
  const { port } = await edge(t);
  const socket = connectTo(port, () => undefined, { maxVersion: 'TLSv1.2' }) as TLSSocket;
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  socket.resume();
  let again = 0;
  const shake = (): void => {
    socket.renegotiate({}, (error) => {
      if (error !== null) return;
      again += 1;
      shake();
    });
  };
  shake();
  await once(socket, 'close');
  assert.ok(again <= 3, `${again}`);
});
