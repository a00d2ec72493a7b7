import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { httpRoute } from '../../test-support/http-route.ts';
import { clock, issuer, proxyEdge, type Revoked } from '../../test-support/proxy-edge.ts';
import { connectTo, onBoth } from '../../test-support/transports.ts';
import { closeFrame, FrameBoundary } from './websocket.ts';

// The example of RFC 6455, section 1.3.
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const HELLO = Buffer.from([0x81, 0x05, ...Buffer.from('hello')]);
const UPGRADE = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n`;
const HEAD = 'Host: app.example\r\n';

/** An upstream that upgrades, and what it does with the connection then. */
async function app(t: TestContext, onOpen: (socket: Socket) => void, accept = ACCEPT) {
  const server = createServer((_request, response) => response.writeHead(426).end('no'));
  server.on('upgrade', (request, socket) => {
    if (request.headers['txn-token'] === undefined) socket.destroy();
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.resume();
    socket.on('end', () => socket.end());
    onOpen(socket as Socket);
  });
  return listening(t, server);
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const ROUTE = { websocket: true, rule: { ...httpRoute().rule, subject: 'SIGNED_IN' as const } };

function open(port: number, token: string, bytes: Buffer | string = '') {
  const socket = connectTo(port);
  const head = `GET /ws HTTP/1.1\r\n${HEAD}${UPGRADE}Authorization: Bearer ${token}\r\n\r\n`;
  socket.write(Buffer.concat([Buffer.from(head), Buffer.from(bytes)]));
  let seen = Buffer.alloc(0);
  const waiting = new Set<() => void>();
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    for (const wake of waiting) wake();
  });
  socket.on('close', () => {
    for (const wake of waiting) wake();
  });
  return {
    socket,
    text: () => seen.toString('latin1'),
    until: async (found: (text: string) => boolean) => {
      while (!found(seen.toString('latin1')) && !socket.destroyed) {
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

onBoth(
  'what either side says reaches the other, from the first byte behind the head',
  async (t, make) => {
    const port = await app(t, (socket) => {
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('error', () => undefined);
    });
    const edge = await proxyEdge(t, port, { make, routes: [ROUTE] });
    const client = open(edge.port, issuer.accessToken({ scope: '' }), HELLO);
    await client.until((text) => text.endsWith('hello'));
    assert.match(
      client.text(),
      /^HTTP\/1\.1 101 .*sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/is,
    );
    client.socket.destroy();
  },
);

onBoth(
  'a connection ends with its session, and says so where a frame can stand',
  async (t, make) => {
    const revoked: Revoked = {};
    const upstreamGone = Promise.withResolvers<void>();
    const port = await app(t, (socket) => {
      socket.on('error', () => undefined);
      socket.on('close', () => upstreamGone.resolve());
      socket.write(HELLO);
    });
    const edge = await proxyEdge(t, port, { make, routes: [ROUTE], revoked });
    const client = open(edge.port, issuer.accessToken({ scope: '', sid: 'ses_1' }));
    await client.until((text) => text.endsWith('hello'));
    edge.live.sweep();
    assert.ok(!client.socket.readableEnded);
    revoked.sid = 'ses_1';
    edge.live.sweep();
    await client.until((text) => text.includes('access-ended'));
    assert.ok(
      client.text().endsWith(`\x88\x0e${String.fromCharCode(1008 >> 8, 1008 & 255)}access-ended`),
    );
    await upstreamGone.promise;
  },
);

onBoth('in the middle of a frame nothing is put: the connection breaks', async (t, make) => {
  const port = await app(t, (socket) => {
    socket.on('error', () => undefined);
    socket.write(HELLO.subarray(0, 4));
  });
  const edge = await proxyEdge(t, port, { make, routes: [ROUTE] });
  const client = open(
    edge.port,
    issuer.accessToken({ scope: '', exp: Math.floor(clock.nowMs() / 1000) + 60 }),
  );
  await client.until((text) => text.endsWith('he'));
  clock.advance(60_000);
  edge.live.sweep();
  await client.until(() => false);
  assert.ok(client.text().endsWith('\x81\x05he'));
});

onBoth(
  'no upgrade, no handshake, no route for it: nothing behind the head is passed on',
  async (t, make) => {
    const seen: Buffer[] = [];
    const server = createServer((request, response) => {
      request.socket.on('data', (chunk) => seen.push(chunk));
      response.writeHead(426).end('no');
    });
    const port = await listening(t, server);
    const edge = await proxyEdge(t, port, {
      make,
      routes: [{ ...ROUTE, template: '/ws' }, { template: '/plain' }],
    });
    const token = issuer.accessToken({ scope: '' });
    const refused = open(edge.port, token, 'GET /admin HTTP/1.1\r\nHost: app\r\n\r\n');
    await refused.until(() => false);
    assert.match(
      refused.text(),
      /^HTTP\/1\.1 426 .*connection: close.*\r\n\r\n2\r\nno\r\n0\r\n\r\n$/is,
    );
    assert.deepEqual(seen, []);
    for (const [change, status] of [
      [HEAD.replace('app', 'app') + UPGRADE.replace('13', '12'), 400],
      [HEAD + UPGRADE.replace('websocket', 'h2c'), 400],
      [`${HEAD}${UPGRADE}Content-Length: 3\r\n`, 400],
      [HEAD + UPGRADE.replace(KEY, 'short'), 400],
    ] as const) {
      const socket = connectTo(edge.port);
      socket.write(`GET /ws HTTP/1.1\r\n${change}Authorization: Bearer ${token}\r\n\r\nabc`);
      const [chunk] = await once(socket, 'data');
      assert.match(String(chunk), new RegExp(`^HTTP/1\\.1 ${status} `), change);
      socket.destroy();
    }
    const plain = connectTo(edge.port);
    plain.write(`GET /plain HTTP/1.1\r\n${HEAD}${UPGRADE}\r\n`);
    const [chunk] = await once(plain, 'data');
    assert.match(String(chunk), /^HTTP\/1\.1 501 .*gateway\.upgrade/s);
  },
);

onBoth('an answer 101 that belongs to another handshake is none', async (t, make) => {
  const port = await app(t, (socket) => socket.on('error', () => undefined), 'forged');
  const edge = await proxyEdge(t, port, { make, routes: [ROUTE] });
  const client = open(edge.port, issuer.accessToken({ scope: '' }), HELLO);
  await client.until(() => false);
  assert.match(client.text(), /^HTTP\/1\.1 500 .*gateway\.upstream_answer/s);
});

onBoth(
  'an event stream ends whole when its token does, and when the gateway stops',
  async (t, make) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const port = await listening(t, server);
    t.after(() => server.closeAllConnections());
    const edge = await proxyEdge(t, port, {
      make,
      routes: [{ rule: ROUTE.rule }, { template: '/any' }],
    });
    const listen = async (path: string, exp: number) => {
      const token = issuer.accessToken({ scope: '', exp });
      const socket = connectTo(edge.port);
      socket.write(`GET ${path} HTTP/1.1\r\n${HEAD}Authorization: Bearer ${token}\r\n\r\n`);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      while (!text.includes('data: 1')) await once(socket, 'data');
      return { socket, text: () => text };
    };
    const nowSeconds = Math.floor(clock.nowMs() / 1000);
    const short = await listen('/', nowSeconds + 10);
    const long = await listen('/any', nowSeconds + 900);
    clock.advance(10_000);
    edge.live.sweep();
    await once(short.socket, 'data');
    assert.ok(short.text().endsWith('0\r\n\r\n'));
    edge.live.endAll();
    await once(long.socket, 'data');
    assert.ok(long.text().endsWith('0\r\n\r\n'));
    short.socket.destroy();
    long.socket.destroy();
  },
);

onBoth('an event stream that announced its length is cut off, not ended short', async (t, make) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': '100' });
    response.write('data: 1\n\n');
  });
  const port = await listening(t, server);
  t.after(() => server.closeAllConnections());
  const edge = await proxyEdge(t, port, { make, routes: [{ template: '/any' }] });
  const socket = connectTo(edge.port);
  socket.on('error', () => undefined);
  socket.write(`GET /any HTTP/1.1\r\n${HEAD}\r\n`);
  await once(socket, 'data');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  edge.live.endAll();
  await closed;
});

test('frames are followed whatever their length and however they are cut', () => {
  const masked = (length: number[], payload: number) =>
    Buffer.concat([Buffer.from([0x82, ...length]), Buffer.alloc(payload)]);
  const frames = [
    masked([0], 0),
    masked([5], 5),
    masked([126, 0x01, 0x00], 256),
    masked([127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536),
    Buffer.from([0x82, 0x82, 1, 2, 3, 4, 9, 9]),
    closeFrame(1000, 'done'),
  ];
  for (const size of [1, 3, 7, 1000, 100_000]) {
    const boundary = new FrameBoundary();
    for (const frame of frames) {
      for (let at = 0; at < frame.length; at += size) {
        const isLast = at + size >= frame.length;
        boundary.push(frame.subarray(at, at + size));
        assert.equal(boundary.atEnd, isLast);
      }
    }
  }
});
