/** Where messages begin and end, on plain TCP and over TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connectTo, isSecure, type MakeReceiver, onBoth } from '../../test-support/transports.ts';
import { failureOf, problemResponse } from '../problem.ts';
import { type Handler, TAKEN } from '../seam.ts';

const reflect: Handler = async (incoming) => {
  const body = incoming.hasBody ? await incoming.readBody(1_000_000) : Buffer.alloc(0);
  const seen = { target: incoming.target, size: body.length, trailers: incoming.trailers() };
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(seen)) };
};

async function open([t, make]: readonly [TestContext, MakeReceiver], handle: Handler = reflect) {
  const receiver = make({
    host: '127.0.0.1',
    port: 0,
    handle,
    wireFault: (error) => problemResponse(failureOf(error), 'trace'),
    settleMs: 0,
  });
  const port = await receiver.start();
  t.after(() => receiver.stop(0));
  const socket = connectTo(port);
  socket.setNoDelay(true);
  await once(socket, isSecure(port) ? 'secureConnect' : 'connect');
  return socket;
}

async function answers(socket: Socket, count: number): Promise<readonly unknown[]> {
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text.split('"trailers"').length > count && text.endsWith('}')) break;
  }
  return [...text.matchAll(/\{.*?\}/g)].map(([json]) => JSON.parse(json));
}

const WIRE = [
  'GET /1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n0\r\nX-T: 1\r\n\r\n',
  '\r\nPOST /4 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'GET /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
].join('');
const SEEN = [
  { target: '/1', size: 0, trailers: [] },
  { target: '/2', size: 5, trailers: [] },
  { target: '/3', size: 19, trailers: ['X-T', '1'] },
  { target: '/4', size: 0, trailers: [] },
  { target: '/5', size: 0, trailers: [] },
];

onBoth('requests are told apart however their bytes are cut', async (t, make) => {
  for (const size of [1, 2, 3, 7, 50, 10_000]) {
    const socket = await open([t, make]);
    const all = answers(socket, SEEN.length);
    for (let at = 0; at < WIRE.length; at += size) {
      socket.write(WIRE.slice(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(await all, SEEN, `${size} bytes at a time`);
  }
});

onBoth('a body of any length that goes through a slow reader arrives whole', async (t, make) => {
  const socket = await open([t, make]);
  const body = 'x'.repeat(900_000);
  socket.write(`POST /big HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.deepEqual(await answers(socket, 1), [{ target: '/big', size: body.length, trailers: [] }]);
});

onBoth(
  'an answer cannot be split: a value that would end its line breaks the exchange off',
  async (t, make) => {
    const socket = await open([t, make], (_incoming, outgoing) => {
      assert.throws(() => outgoing.head(200, ['x-a', 'b\r\nset-cookie: c'], 0));
      outgoing.abort();
      return Promise.resolve({ status: 200, headers: {} });
    });
    let received = 0;
    socket.on('error', () => undefined);
    socket.on('data', ({ length }) => {
      received += length;
    });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    assert.equal(received, 0);
  },
);

onBoth(
  'an answer that cannot be sent ends its own exchange, and nobody else’s',
  async (t, make) => {
    const refused = await open([t, make], async () => ({
      status: 200,
      headers: { 'x-a': 'b\r\nc: d' },
    }));
    let received = 0;
    refused.on('error', () => undefined);
    refused.on('data', ({ length }) => {
      received += length;
    });
    refused.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => refused.once('close', resolve));
    assert.equal(received, 0);
  },
);

onBoth('a client that sends and never reads is not answered without end', async (t, make) => {
  let asked = 0;
  const large = Buffer.alloc(100_000);
  const socket = await open([t, make], () => {
    asked += 1;
    return Promise.resolve({ status: 200, headers: {}, body: large });
  });
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  socket.write(request.repeat(2000));
  let before = -1;
  while (before !== asked) {
    before = asked;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(asked < 500, `${asked}`);
  socket.destroy();
});

onBoth('a chunk of nothing does not end an answer', async (t, make) => {
  const socket = await open([t, make], (_incoming, outgoing) => {
    outgoing.head(200, [], undefined);
    outgoing.write(Buffer.alloc(0));
    outgoing.write(Buffer.from('whole'));
    outgoing.end([]);
    return TAKEN;
  });
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /\r\n\r\n5\r\nwhole\r\n0\r\n\r\n$/);
});

onBoth('behind a made-up method nothing is looked at', async (t, make) => {
  const asked: string[] = [];
  const socket = await open([t, make], ({ method, target }) => {
    asked.push(`${method} ${target}`);
    return Promise.resolve({ status: 501, headers: {} });
  });
  socket.write('helloGET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  for await (const _ of socket);
  assert.deepEqual(asked, ['helloGET /1']);
});
