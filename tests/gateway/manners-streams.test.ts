/** Streams that last: nothing is buffered, nothing outlives its token. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type AttackedGateway, startAttackedGateway } from './support/attacked-gateway.ts';
import { UNREAD_BYTES } from './support/config.ts';
import { residentMiB } from './support/process.ts';
import { type RawClient, rawClient } from './support/raw-client.ts';
import { echo } from './support/recording-upstream.ts';
import { until } from './support/until.ts';

const PIECE = Buffer.alloc(256 * 1024, 'x');
const MOST_BUFFERED_BYTES = 24 * 1024 * 1024;
/** While nothing moves; and once all of it went through, when there is garbage too. */
const MOST_HELD_MIB = 48;
const MOST_GROWTH_MIB = 128;

let gateway: AttackedGateway;
let client: RawClient;

before(async () => {
  gateway = await startAttackedGateway();
});
after(() => gateway.close());
afterEach(() => {
  client.close();
  gateway.upstream.answerWith(echo);
  gateway.upstream.forget();
});

/** Writes until it is not taken any more, and tells how much that was. */
async function writeUntilFull(socket: Socket, most: number): Promise<number> {
  let written = 0;
  while (written < most && !socket.destroyed) {
    written += PIECE.length;
    if (socket.write(PIECE)) continue;
    const isDrained = await Promise.race([
      new Promise<boolean>((resolve) => socket.once('drain', () => resolve(true))),
      delay(1500).then(() => false),
    ]);
    if (!isDrained) return written;
  }
  return written;
}

test(`an answer of ${UNREAD_BYTES / 2 ** 20} MiB that nobody reads waits where it is`, {
  timeout: 120_000,
}, async () => {
  client = await rawClient(gateway.port);
  let upstream: Socket | undefined;
  gateway.upstream.answerWith((_, socket) => {
    upstream = socket;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${UNREAD_BYTES}\r\n\r\n`);
  });
  client.send('GET /public/a HTTP/1.1\r\nHost: edge\r\n\r\n');
  await client.until((text) => text.includes('\r\n\r\n'));
  const beforeMiB = residentMiB(gateway.pid);
  client.socket.pause();
  const written = await writeUntilFull(upstream as Socket, UNREAD_BYTES);
  assert.ok(residentMiB(gateway.pid) - beforeMiB < MOST_HELD_MIB, 'it is held somewhere');
  assert.ok(written < MOST_BUFFERED_BYTES, `${written} bytes went somewhere`);
  const first = client.received();
  let read = first.length - (first.indexOf('\r\n\r\n') + 4);
  client.socket.removeAllListeners('data');
  client.socket.on('data', (chunk) => {
    read += chunk.length;
  });
  client.socket.resume();
  for (let sent = written; sent < UNREAD_BYTES; ) {
    const piece = PIECE.subarray(0, Math.min(PIECE.length, UNREAD_BYTES - sent));
    sent += piece.length;
    if (upstream?.write(piece) === false) {
      await new Promise((resolve) => upstream?.once('drain', resolve));
    }
  }
  await until('all of it is read', () => read === UNREAD_BYTES);
  const grownMiB = residentMiB(gateway.pid) - beforeMiB;
  assert.ok(grownMiB < MOST_GROWTH_MIB, `memory grew by ${grownMiB.toFixed(0)} MiB`);
});

test('a body that its upstream does not read waits where it is', async () => {
  client = await rawClient(gateway.port);
  gateway.upstream.hold(true);
  const beforeMiB = residentMiB(gateway.pid);
  client.send(`POST /public/a HTTP/1.1\r\nHost: edge\r\nContent-Length: ${UNREAD_BYTES}\r\n\r\n`);
  const written = await writeUntilFull(client.socket, UNREAD_BYTES);
  const grownMiB = residentMiB(gateway.pid) - beforeMiB;
  client.close();
  gateway.upstream.hold(false);
  await until('the upstream was asked', () => gateway.upstream.received().length > 0);
  assert.ok(written < MOST_BUFFERED_BYTES, `${written} bytes went somewhere`);
  assert.ok(grownMiB < MOST_HELD_MIB, `memory grew by ${grownMiB.toFixed(0)} MiB`);
});

test('events arrive one by one, and end when the token does', async () => {
  client = await rawClient(gateway.port);
  let stream: Socket | undefined;
  gateway.upstream.answerWith((_, socket) => {
    stream = socket;
    socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/event-stream\r\n\r\n');
  });
  const exp = Math.floor(Date.now() / 1000) + 3;
  const token = gateway.issuer.token({ exp });
  client.send(
    `GET /items/1 HTTP/1.1\r\nHost: edge\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  );
  await until('the stream began', () => stream !== undefined);
  let isLetGo = false;
  stream?.once('close', () => {
    isLetGo = true;
  });
  for (const event of ['one', 'two']) {
    stream?.write(`data: ${event}\n\n`);
    await client.until((text) => text.includes(`data: ${event}\n\n`));
  }
  // Whole: an EventSource asks again, and hears why it may not.
  await client.until((text) => text.endsWith('\r\n0\r\n\r\n'));
  assert.ok(Date.now() / 1000 >= exp - 0.5, 'not before its time');
  assert.ok(Date.now() / 1000 < exp + 3, 'soon after');
  await until('the upstream is let go', () => isLetGo);
});

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const upgrade = (path: string, ...headers: readonly string[]): string =>
  [
    `GET ${path} HTTP/1.1`,
    ...['Host: edge', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    ...[`Sec-WebSocket-Key: ${KEY}`, ...headers, '\r\n'],
  ].join('\r\n');

/** Accepts, and sends back what comes. */
function acceptSocket(socket: Socket): void {
  const accept = createHash('sha1')
    .update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64');
  socket.removeAllListeners('data');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('data', (chunk) => socket.write(chunk));
}

test('a WebSocket is opened with a passport, and passes bytes both ways until one side ends it', async () => {
  client = await rawClient(gateway.port);
  let passport: string | undefined;
  let upstream: Socket | undefined;
  gateway.upstream.answerWith(({ headers }, socket) => {
    passport = headers.find(([name]) => name === 'txn-token')?.[1];
    upstream = socket;
    acceptSocket(socket);
  });
  client.send(upgrade('/socket'));
  await client.until((text) => /^HTTP\/1\.1 101 [\s\S]*\r\n\r\n/.test(text));
  assert.match(passport ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const bytes = `\x82\x05${'hello'}`.repeat(2000);
  client.send(bytes);
  await client.until((text) => text.endsWith(bytes));
  upstream?.end();
  await client.ended();
});

test('a WebSocket ends when its token does', async () => {
  client = await rawClient(gateway.port);
  gateway.upstream.answerWith((_, socket) => acceptSocket(socket));
  const exp = Math.floor(Date.now() / 1000) + 2;
  client.send(upgrade('/private-socket', `Authorization: Bearer ${gateway.issuer.token({ exp })}`));
  await client.until((text) => text.includes('101'));
  await client.ended();
  assert.ok(Date.now() / 1000 >= exp - 0.5 && Date.now() / 1000 < exp + 3);
});

test('a WebSocket that the rule does not allow is not opened', async () => {
  client = await rawClient(gateway.port);
  client.send(upgrade('/private-socket'));
  assert.match(await client.until((text) => text.includes('\r\n\r\n')), /^HTTP\/1\.1 401 /);
  assert.equal(gateway.upstream.requests().length, 0);
});
