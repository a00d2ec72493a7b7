import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { settle } from '@gatehouse/chassis';
import { isVerb, readHead, readTarget } from '@gatehouse/wire';
import { edgeErrors } from '../errors.ts';
import { connectTo, isSecure, type MakeReceiver, onBoth } from '../test-support/transports.ts';
import { trustedProxies } from './client-address.ts';
import { failureOf, problemResponse } from './problem.ts';
import type { ReceiverOptions } from './receiver.ts';
import type { Handler, Incoming } from './seam.ts';

/** Reads head, target and body, and says what it saw. */
const reflect: Handler = async (incoming) => {
  try {
    if (!isVerb(incoming.method)) throw edgeErrors.METHOD_UNKNOWN();
    const { upgrade, contentEncoding } = readHead(incoming);
    if (upgrade !== undefined) throw edgeErrors.UPGRADE();
    if (contentEncoding !== undefined) throw edgeErrors.MEDIA_TYPE();
    const request = readTarget(incoming.target);
    const body = await incoming.readBody(1024);
    const seen = { path: request.path, body: Buffer.from(body).toString() };
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(seen)) };
  } catch (thrown) {
    return problemResponse(failureOf(thrown), 'trace');
  }
};

async function edge(
  [t, make]: readonly [TestContext, MakeReceiver],
  handle: Handler = reflect,
  options: Partial<ReceiverOptions> = {},
) {
  const receiver = make({
    host: '127.0.0.1',
    port: 0,
    handle,
    wireFault: (error) => problemResponse({ error, headers: {} }, 'trace'),
    settleMs: 0,
    ...options,
  });
  const port = await receiver.start();
  t.after(() => receiver.stop(0));
  return { port, receiver };
}

/** Sends bytes and gives back all that comes until the connection closes. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(port, () => socket.write(Buffer.from(bytes, 'latin1')));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.on('error', reject);
  });
}

const HEAD = 'Host: edge\r\nConnection: close\r\n';

const smuggling: Record<string, readonly [bytes: string, status: number, code: string]> = {
  'CL.TE': [
    `POST / HTTP/1.1\r\n${HEAD}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX`,
    400,
    'framing',
  ],
  'TE.CL': [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n`,
    400,
    'framing',
  ],
  'CL.CL': [
    `POST / HTTP/1.1\r\n${HEAD}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello`,
    400,
    'framing',
  ],
  'TE.TE with an obscured coding': [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: xchunked\r\n\r\n`,
    400,
    'transfer_encoding',
  ],
  'coding before chunked': [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    400,
    'transfer_encoding',
  ],
  'space before the colon': [
    `POST / HTTP/1.1\r\n${HEAD}Content-Length : 5\r\n\r\nhello`,
    400,
    'framing',
  ],
  'obs-fold': [`GET / HTTP/1.1\r\n${HEAD}X-A: a\r\n b\r\n\r\n`, 400, 'framing'],
  'bare LF': [`GET / HTTP/1.1\nHost: edge\n\n`, 400, 'framing'],
  'bare LF in the headers': [`GET / HTTP/1.1\r\nHost: edge\nX-A: a\r\n\r\n`, 400, 'framing'],
  'bare CR in a header': [`GET / HTTP/1.1\r\n${HEAD}X-A: a\rb\r\n\r\n`, 400, 'framing'],
  'NUL in a header': [`GET / HTTP/1.1\r\n${HEAD}X-A: a\u0000b\r\n\r\n`, 400, 'framing'],
  'NUL in the target': [`GET /a\u0000b HTTP/1.1\r\n${HEAD}\r\n`, 400, 'framing'],
  'signed length': [`POST / HTTP/1.1\r\n${HEAD}Content-Length: +5\r\n\r\nhello`, 400, 'framing'],
  'chunk size that is no number': [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
    400,
    'framing',
  ],
  'chunk that ends with a bare LF': [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`,
    400,
    'framing',
  ],
  'chunk extension without end': [
    `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`,
    400,
    'framing',
  ],
  'absolute form': [`GET http://edge/ HTTP/1.1\r\n${HEAD}\r\n`, 400, 'target_form'],
  CONNECT: [`CONNECT edge:443 HTTP/1.1\r\n${HEAD}\r\n`, 501, 'method_unknown'],
  TRACE: [`TRACE / HTTP/1.1\r\n${HEAD}\r\n`, 501, 'method_unknown'],
  'encoded dots': [`GET /a/%2e%2e/b HTTP/1.1\r\n${HEAD}\r\n`, 400, 'encoded_dot'],
  'encoded slash': [`GET /a%2fb HTTP/1.1\r\n${HEAD}\r\n`, 400, 'encoded_slash'],
  'path parameter': [`GET /a/..;/b HTTP/1.1\r\n${HEAD}\r\n`, 400, 'target_character'],
  backslash: [`GET /a\\b HTTP/1.1\r\n${HEAD}\r\n`, 400, 'target_character'],
  'double slash': [`GET //a HTTP/1.1\r\n${HEAD}\r\n`, 400, 'empty_segment'],
  'two hosts': [`GET / HTTP/1.1\r\n${HEAD}Host: other\r\n\r\n`, 400, 'duplicate_header'],
  'no host': ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'host'],
  expectation: [`GET / HTTP/1.1\r\n${HEAD}Expect: miracles\r\n\r\n`, 400, 'expect'],
  upgrade: [
    'GET / HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    501,
    'upgrade',
  ],
  'HTTP/2 preface': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'framing'],
  'HTTP/0.9': ['GET /\r\n\r\n', 400, 'framing'],
  'headers too large': [
    `GET / HTTP/1.1\r\n${HEAD}X-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  'too many headers': [
    `GET / HTTP/1.1\r\n${HEAD}${'X-A: a\r\n'.repeat(150)}\r\n`,
    431,
    'headers_too_large',
  ],
};

for (const [name, [bytes, status, code]] of Object.entries(smuggling)) {
  onBoth(`on the wire: ${name}`, async (t, make) => {
    const { port } = await edge([t, make]);
    const answer = await exchange(port, bytes);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), answer);
    assert.equal(answer.split('HTTP/1.1 ').length, 2, 'exactly one answer');
    const problem = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
    assert.equal(problem.code, `gateway.${code}`);
    assert.equal(problem.status, status);
    assert.match(answer, /content-type: application\/problem\+json/i);
  });
}

onBoth('a chunked body arrives whole', async (t, make) => {
  const { port } = await edge([t, make]);
  const answer = await exchange(
    port,
    `POST /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n`,
  );
  assert.match(answer, /\{"path":"\/a","body":"abcde"\}$/);
});

onBoth('100-continue is sent when the body is asked for, and only then', async (t, make) => {
  const { port } = await edge([t, make]);
  const expecting = (length: number) =>
    `POST /a HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  assert.match(await exchange(port, `${expecting(2)}ab`), /^HTTP\/1\.1 100 .*"body":"ab"/s);
  assert.match(await exchange(port, expecting(5000)), /^HTTP\/1\.1 413 /);
});

onBoth('a body over the limit is answered 413, announced or not', async (t, make) => {
  const { port } = await edge([t, make]);
  const large = 'a'.repeat(2_000_000);
  for (const head of [
    `Content-Length: ${large.length}\r\n\r\n`,
    `Transfer-Encoding: chunked\r\n\r\n${large.length.toString(16)}\r\n`,
  ]) {
    const tail = head.startsWith('T') ? '\r\n0\r\n\r\n' : '';
    const answer = await exchange(port, `POST /a HTTP/1.1\r\n${HEAD}${head}${large}${tail}`);
    assert.match(answer, /^HTTP\/1\.1 413 .*gateway\.body_too_large/s);
  }
});

onBoth('what is sent behind a request waits for its response', async (t, make) => {
  const asked: string[] = [];
  const { port } = await edge([t, make], ({ method }) => {
    asked.push(method);
    return new Promise(() => {});
  });
  for (const behind of ['rubbish\n\n', 'CONNECT b:1 HTTP/1.1\r\nHost: b\r\n\r\n']) {
    const socket = await opened(port);
    const before = asked.length;
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\n${behind}`);
    while (asked.length === before) await settle(0);
    await settle(20);
    assert.equal(socket.bytesRead, isSecure(port) ? socket.bytesRead : 0);
    socket.destroy();
  }
  assert.deepEqual(asked, ['GET', 'GET']);
});

onBoth('a client that goes away is told to the handler', async (t, make) => {
  let seen: Incoming | undefined;
  const arrived = Promise.withResolvers<void>();
  const { port } = await edge([t, make], (incoming) => {
    seen = incoming;
    arrived.resolve();
    return new Promise(() => {});
  });
  const socket = connectTo(port, () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  await arrived.promise;
  const aborted = new Promise((resolve) => seen?.signal.addEventListener('abort', resolve));
  socket.destroy();
  await aborted;
});

onBoth('a drain lets what is in flight finish, says so, and accepts no more', async (t, make) => {
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const { port, receiver } = await edge([t, make], async () => {
    arrived.resolve();
    await release.promise;
    return { status: 200, headers: {}, body: Buffer.from('done') };
  });
  const answer = exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await arrived.promise;
  const stopped = receiver.stop(60_000);
  // As long as the receiver itself waits for what was sent.
  await settle(0);
  await assert.rejects(exchange(port, ''), { code: 'ECONNREFUSED' });
  release.resolve();
  assert.match(await answer, /connection: close.*done$/is);
  await stopped;
});

onBoth('a drain ends after its grace', async (t, make) => {
  const arrived = Promise.withResolvers<void>();
  const { port, receiver } = await edge([t, make], () => {
    arrived.resolve();
    return new Promise(() => {});
  });
  const answer = exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await arrived.promise;
  await receiver.stop(1);
  assert.equal(await answer, '');
});

onBoth(
  'connections above the limit of an address are closed, and come in again when others went',
  async (t, make) => {
    const refused: string[] = [];
    const { port } = await edge([t, make], reflect, {
      connections: { total: 100, perAddress: 2, proxies: trustedProxies([]) },
      onConnectionRefused: (refusal) => refused.push(refusal),
    });
    const open = await Promise.all([opened(port), opened(port)]);
    await turnedAway(port);
    assert.deepEqual(refused, ['address']);
    for (const socket of open) socket.destroy();
    for (;;) {
      // The server hears of their end a little later than this side.
      const answer = await exchange(port, `GET /a HTTP/1.1\r\n${HEAD}\r\n`).catch(() => '');
      if (answer.startsWith('HTTP/1.1 200')) return;
    }
  },
);

onBoth('a trusted proxy may have as many as there are in all', async (t, make) => {
  const refused: string[] = [];
  const { port } = await edge([t, make], reflect, {
    connections: { total: 3, perAddress: 1, proxies: trustedProxies(['127.0.0.1']) },
    onConnectionRefused: (refusal) => refused.push(refusal),
  });
  const open = await Promise.all([opened(port), opened(port), opened(port)]);
  await turnedAway(port);
  assert.deepEqual(refused, ['total']);
  for (const socket of open) socket.destroy();
});

onBoth(
  'a drain still takes for a moment what had been sent, and says that it is the last',
  async (t, make) => {
    const { port, receiver } = await edge([t, make], reflect, { settleMs: 2000 });
    const socket = await opened(port);
    const stopped = receiver.stop(60_000);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write('GET /a HTTP/1.1\r\nHost: edge\r\n\r\n');
    await once(socket, 'close');
    assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 200 .*connection: close/is);
    await stopped;
  },
);

async function opened(port: number): Promise<Socket> {
  const socket = connectTo(port);
  socket.on('error', () => undefined);
  await once(socket, isSecure(port) ? 'secureConnect' : 'connect');
  return socket;
}

/** Closed as it comes, before any handshake. */
async function turnedAway(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'close');
}
