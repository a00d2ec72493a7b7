/** One request and its answer over a real socket. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { StreamBody } from '@gatehouse/wire';
import { INVALID, VALID } from '@gatehouse/wire/test-support';
import { onHeads, rawServer, request, send, settings, until } from './test-support/upstream.ts';
import type { UpstreamClient, UpstreamRequest } from './upstream-client.ts';
import { createUpstreams } from './upstreams.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

async function setUp(t: TestContext, onConnection: (socket: Socket, index: number) => void) {
  const server = await rawServer(t, onConnection);
  const upstreams = createUpstreams();
  upstreams.update(settings([server.port]));
  t.after(() => upstreams.close(0));
  return { server, upstreams, client: upstreams.client('it') };
}

/** Answers each request, in turn, with the given bytes. */
async function answering(t: TestContext, answer: (head: string) => string) {
  const heads: string[] = [];
  const around = await setUp(t, (socket) => {
    onHeads(socket, (head) => {
      heads.push(head);
      socket.write(answer(head), 'latin1');
    });
  });
  return { ...around, heads };
}

const post = (stream: Readable, length?: number, over: Partial<UpstreamRequest> = {}) =>
  request({ method: 'POST', body: { source: new StreamBody(stream), length }, ...over });

test('each good answer comes whole', async (t) => {
  for (const { name, asked, bytes, untilClose, expected } of VALID) {
    const { client } = await setUp(t, (socket) => {
      onHeads(socket, () => {
        socket.write(bytes, 'latin1');
        if (untilClose === true) socket.end();
      });
    });
    const outcome = await send(client, request(asked)).done;
    assert.equal(outcome.error, undefined, name);
    assert.deepEqual([outcome.status, outcome.body], [expected.status, expected.body], name);
    if (expected.headers !== undefined) assert.deepEqual(outcome.headers, expected.headers, name);
    if (expected.trailers !== undefined)
      assert.deepEqual(outcome.trailers, expected.trailers, name);
    if (expected.interim !== undefined)
      assert.deepEqual(outcome.informational, expected.interim, name);
  }
});

test('no bad answer is ever taken for a whole one', async (t) => {
  for (const { name, asked, bytes } of INVALID) {
    const { client } = await setUp(t, (socket) => {
      onHeads(socket, () => socket.end(bytes, 'latin1'));
    });
    const outcome = await send(client, request(asked)).done;
    assert.match(outcome.error?.code ?? '', /^gateway\.upstream_(?:answer|away)$/, name);
    assert.equal(outcome.trailers, undefined, name);
  }
});

test('an answer that is cut off breaks, wherever it is cut', async (t) => {
  const { client } = await setUp(t, (socket, index) => {
    onHeads(socket, () => socket.end(OK.slice(0, index + 1)));
  });
  for (let length = 1; length < OK.length; length += 1) {
    const outcome = await send(client).done;
    assert.equal(outcome.error?.code, 'gateway.upstream_away', `${length} bytes`);
    assert.equal(outcome.phase, outcome.status === undefined ? 'before-head' : 'after-head');
  }
});

test('requests use one connection after the other, and it never mixes two', async (t) => {
  const { client, server } = await answering(t, (head) => {
    const path = head.split(' ')[1] ?? '';
    return `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`;
  });
  for (let round = 0; round < 20; round += 1) {
    const outcome = await send(client, request({ target: `/${round}` })).done;
    assert.equal(outcome.body, `/${round}`);
  }
  assert.equal(server.sockets.length, 1);
  const many = await Promise.all(
    Array.from({ length: 100 }, (_, each) => send(client, request({ target: `/m${each}` })).done),
  );
  for (const [each, outcome] of many.entries()) assert.equal(outcome.body, `/m${each}`);
  assert.ok(server.sockets.length <= 16, `${server.sockets.length} connections`);
});

test('a connection with more bytes than its answer is never used again', async (t) => {
  const { client, server } = await answering(t, () => `${OK}HTTP/1.1 200 OK\r\n\r\nevil`);
  for (let round = 0; round < 3; round += 1) {
    assert.equal((await send(client).done).body, 'ok');
  }
  assert.equal(server.sockets.length, 3);
});

test('a connection that says something while it is idle is closed', async (t) => {
  const { client, server, upstreams } = await answering(t, () => OK);
  await send(client).done;
  server.sockets[0]?.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
  await until(() => upstreams.states()[0]?.addresses[0]?.openConnections === 0);
  assert.equal((await send(client).done).status, 200);
});

test('Connection: close is minded', async (t) => {
  const { client, server } = await answering(
    t,
    () => 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n',
  );
  await send(client).done;
  await send(client).done;
  assert.equal(server.sockets.length, 2);
});

test('bodies go out as they are announced, with trailers behind chunks', async (t) => {
  let received = '';
  const { client } = await setUp(t, (socket) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (/hello$|\r\n0\r\n(?:.+\r\n)?\r\n$/.test(received)) socket.write(OK);
    });
  });
  await send(client, post(Readable.from([Buffer.from('hel'), Buffer.from('lo')]), 5)).done;
  assert.equal(received, 'POST / HTTP/1.1\r\nHost: it.test\r\nContent-Length: 5\r\n\r\nhello');
  received = '';
  const chunked = Readable.from([Buffer.from('hel'), Buffer.from('lo')]);
  await send(client, post(chunked, undefined, { trailers: () => ['X-Sum', '5'] })).done;
  assert.equal(
    received,
    'POST / HTTP/1.1\r\nHost: it.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 5\r\n\r\n',
  );
});

test('a body that is not what was announced is never finished', async (t) => {
  let received = '';
  const { client, server } = await setUp(t, (socket) => {
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
  });
  const bodies: readonly [Readable, number][] = [
    [Readable.from([Buffer.from('hello, evil')]), 5],
    [Readable.from([Buffer.from('he')]), 5],
    [Readable.from([Buffer.from('he'), Buffer.from('llo'), Buffer.from('GET /evil')]), 5],
  ];
  for (const [stream, length] of bodies) {
    const outcome = await send(client, post(stream, length)).done;
    assert.equal(outcome.error?.code, 'gateway.body_incomplete');
  }
  const broken = new PassThrough();
  const sent = send(client, post(broken));
  broken.write('part');
  await until(() => received.includes('part'));
  broken.destroy(new Error('the client is gone'));
  assert.equal((await sent.done).error?.code, 'gateway.body_incomplete');
  await until(() => server.sockets.every((socket) => socket.destroyed));
  assert.ok(!received.includes('evil'));
  assert.ok(!received.endsWith('0\r\n\r\n'), 'the last chunk of a broken body');
});

test('a trailer cannot smuggle', async (t) => {
  const { client } = await setUp(t, () => undefined);
  const trailers = () => ['X', '1\r\n\r\nGET / HTTP/1.1'];
  const outcome = await send(client, post(Readable.from([]), undefined, { trailers })).done;
  assert.ok(outcome.error !== undefined);
});

test('large bodies go both ways at the pace of the slower side, byte for byte', async (t) => {
  const size = 8 * 1024 * 1024;
  const bytes = randomBytes(size);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const { client } = await setUp(t, (socket) => {
    let headSeen = false;
    socket.on('data', (chunk) => {
      let part = chunk;
      if (!headSeen) {
        headSeen = true;
        const end = chunk.indexOf('\r\n\r\n') + 4;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        part = chunk.subarray(end);
      }
      if (!socket.write(part)) socket.pause();
    });
    socket.on('drain', () => socket.resume());
  });
  const got = createHash('sha256');
  let held = 0;
  const sent = send(client, post(Readable.from(pieces(bytes)), size), () => {
    held += 1;
    if (held % 7 !== 0) return true;
    setImmediate(() => sent.exchange.resume());
    return false;
  });
  const outcome = await sent.done;
  assert.equal(outcome.error, undefined);
  for (const chunk of outcome.chunks) got.update(chunk);
  assert.equal(got.digest('hex'), hash);
});

function* pieces(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

test('who takes no more is sent no more', async (t) => {
  const { client, server } = await setUp(t, (socket) => {
    onHeads(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * 1024 * 1024}\r\n\r\n`);
      socket.write(Buffer.alloc(64 * 1024 * 1024));
    });
  });
  const sent = send(client, request(), () => false);
  await until(() => sent.outcome.chunks.length > 0);
  const [socket] = server.sockets;
  let left = -1;
  await until(() => {
    const before = left;
    left = socket?.writableLength ?? 0;
    return left === before;
  });
  assert.equal(sent.outcome.chunks.length, 1);
  sent.exchange.resume();
  await until(() => sent.outcome.chunks.length === 2);
  sent.exchange.abort();
});

test('an expectation: the body waits for 100, and is not sent at all to who refuses', async (t) => {
  let received = '';
  let answer = 'HTTP/1.1 100 Continue\r\n\r\n';
  const { client, server } = await setUp(t, (socket) => {
    onHeads(socket, () => socket.write(answer));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (received.endsWith('hello')) socket.write(OK);
    });
  });
  const ask = () =>
    send(client, post(Readable.from([Buffer.from('hello')]), 5, { expectContinue: true }));
  const outcome = await ask().done;
  assert.deepEqual([outcome.informational, outcome.status], [[100], 200]);
  assert.ok(received.includes('Expect: 100-continue\r\n'));
  received = '';
  answer = 'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n';
  assert.equal((await ask().done).status, 417);
  assert.ok(!received.includes('hello'));
  await send(client).done;
  assert.equal(server.sockets.length, 2, 'the connection that awaits a body is not used again');
});

test('a refusal before the body is sent ends the sending, and the connection', async (t) => {
  const { client, server } = await setUp(t, (socket, index) => {
    if (index === 0) {
      socket.once('data', () =>
        socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n'),
      );
    } else onHeads(socket, () => socket.write(OK));
  });
  const stream = new PassThrough();
  stream.write('some');
  const outcome = await send(client, post(stream)).done;
  assert.equal(outcome.status, 413);
  assert.equal(outcome.error, undefined);
  await send(client).done;
  assert.equal(server.sockets.length, 2);
  stream.destroy();
});

test('a change of protocol hands the socket on, with what came behind the head', async (t) => {
  const { client } = await answering(
    t,
    () =>
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nfirst',
  );
  const { upgraded, status, error } = await send(client, request({ upgrade: 'websocket' })).done;
  assert.equal(error, undefined);
  assert.equal(status, 101);
  assert.equal(upgraded?.rest.toString(), 'first');
  const { socket } = upgraded;
  const more: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => more.push(chunk));
  socket.resume();
  socket.write('GET /second HTTP/1.1\r\n\r\n');
  await until(() => Buffer.concat(more).length > 0);
  socket.destroy();
});

test('who refuses an upgrade is answered like any other', async (t) => {
  const { client } = await answering(t, () => OK);
  assert.equal((await send(client, request({ upgrade: 'websocket' })).done).body, 'ok');
});

test('an abort closes the connection at once, at any moment, and nothing more is told', async (t) => {
  const { client, server, upstreams } = await setUp(t, (socket) => {
    onHeads(socket, () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome'));
  });
  const state = () => upstreams.states()[0]?.addresses[0];
  const early = send(client);
  early.exchange.abort();
  assert.equal(state()?.inFlight, 0);
  const late = send(client);
  await late.head;
  late.exchange.abort();
  late.exchange.abort();
  await until(() => server.sockets.every((socket) => socket.destroyed));
  assert.deepEqual(
    [state()?.inFlight, state()?.openConnections, late.outcome.error, early.outcome.error],
    [0, 0, undefined, undefined],
  );
});

test('a request that cannot be written is not', async (t) => {
  const { client, server } = await answering(t, () => OK);
  const outcome = await send(client, request({ target: '/a b' })).done;
  assert.equal(outcome.error?.code, 'gateway.framing');
  assert.equal(server.sockets.length, 0);
});

test('a handler that throws ends its own exchange only', async (t) => {
  const { client } = await answering(t, () => OK);
  const failed = Promise.withResolvers<string>();
  throwing(client, (code) => failed.resolve(code));
  assert.equal(await failed.promise, 'common.internal');
  assert.equal((await send(client).done).status, 200);
});

function throwing(client: UpstreamClient, onError: (code: string) => void): void {
  client.dispatch(request(), {
    onInformational: () => undefined,
    onHead: () => {
      throw new Error('a bug of the caller');
    },
    onData: () => true,
    onEnd: () => undefined,
    onUpgrade: () => undefined,
    onError: (error) => onError(error.code),
  });
}
