/** HTTP/2 over TLS towards clients, with node's own client as the other side. */
import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { after, afterEach, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { type AttackedGateway, startAttackedGateway } from './support/attacked-gateway.ts';
import { echo } from './support/recording-upstream.ts';
import { until } from './support/until.ts';

let gateway: AttackedGateway;
let session: ClientHttp2Session;

before(async () => {
  gateway = await startAttackedGateway();
});
after(() => gateway.close());
afterEach(() => {
  session.destroy();
  gateway.upstream.answerWith(echo);
  gateway.upstream.forget();
});

interface Answered {
  readonly status: number;
  readonly text: string;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly interim: readonly number[];
}

function open(): ClientHttp2Session {
  session = connect(`https://localhost:${gateway.tlsPort}`, { ca: gateway.authority.bundlePem });
  session.on('error', () => undefined);
  return session;
}

function ask(headers: Readonly<Record<string, string>>, body?: string): Promise<Answered> {
  const stream = session.request(headers, { endStream: body === undefined });
  const interim: number[] = [];
  let status = 0;
  let trailers = {};
  const chunks: Buffer[] = [];
  stream.on('headers', (early) => interim.push(Number(early[':status'])));
  stream.on('response', (head) => {
    status = Number(head[':status']);
  });
  stream.on('trailers', (last) => {
    trailers = last;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (body !== undefined) stream.end(body);
  return new Promise((resolve, reject) => {
    stream.on('error', reject);
    stream.on('end', () =>
      resolve({ status, trailers, interim, text: Buffer.concat(chunks).toString() }),
    );
  });
}

test('many requests of one connection are forwarded, each with its own answer', async () => {
  open();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0
        ? ask({ ':path': `/public/${index}` })
        : ask({ ':method': 'POST', ':path': `/public/${index}` }, 'x'.repeat(index)),
    ),
  );
  for (const [index, { status, text }] of answers.entries()) {
    assert.equal(status, 200);
    assert.equal(
      text,
      index % 2 === 0 ? `GET /public/${index} 0` : `POST /public/${index} ${index}`,
    );
  }
});

test('a token is checked, and its passport is for the route', async () => {
  open();
  assert.equal((await ask({ ':path': '/items/1' })).status, 401);
  const authorization = `Bearer ${gateway.token}`;
  assert.equal((await ask({ ':path': '/items/1', authorization })).status, 200);
  assert.equal((await ask({ ':path': '/admin/a', authorization })).status, 403);
  assert.equal(gateway.upstream.requests().length, 1);
});

test('trailers and interim answers arrive', async () => {
  open();
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    socket.write(
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\n\r\n',
    );
  });
  const { status, text, trailers, interim } = await ask({ ':path': '/public/a' });
  assert.deepEqual([status, text, trailers['x-sum'], interim], [200, 'ok', '9', [103]]);
});

test('an upstream that dies in the middle resets the stream, and not the connection', async () => {
  open();
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.destroy());
  });
  await assert.rejects(ask({ ':path': '/public/a' }));
  gateway.upstream.answerWith(echo);
  assert.equal((await ask({ ':path': '/public/b' })).text, 'GET /public/b 0');
});

test('a stream that its client resets is taken back from the upstream', async () => {
  open();
  let isAsked = false;
  let isClosed = false;
  gateway.upstream.answerWith((_, socket) => {
    isAsked = true;
    socket.once('close', () => {
      isClosed = true;
    });
  });
  const stream = session.request({ ':path': '/public/a' });
  stream.on('error', () => undefined);
  await until('the upstream is asked', () => isAsked);
  stream.close(constants.NGHTTP2_CANCEL);
  await until('the upstream is let go', () => isClosed);
});

test('a new certificate is used for new connections, and the old ones go on', async () => {
  open();
  assert.equal((await ask({ ':path': '/public/a' })).status, 200);
  const before = await serialNumber();
  await gateway.authority.renew(gateway.tlsFolder, 'edge');
  await until('the new certificate is used', async () => (await serialNumber()) !== before);
  assert.equal((await ask({ ':path': '/public/b' })).status, 200);
});

function serialNumber(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      port: gateway.tlsPort,
      host: 'localhost',
      ca: gateway.authority.bundlePem,
    });
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
