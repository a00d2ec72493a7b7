/** HTTP/2 over TLS, with a real client, and with frames that no client would send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { createTestAuthority } from '@gatehouse/testing';
import { httpRoute } from '../../test-support/http-route.ts';
import { proxyEdge } from '../../test-support/proxy-edge.ts';
import { createEdgeTls } from '../edge-tls.ts';

async function edge(t: TestContext, routes: Parameters<typeof proxyEdge>[2] = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'edge-tls-'));
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const authority = await createTestAuthority();
  t.after(() => authority.close());
  const certificate = () => authority.issue({ names: [{ type: 'dns', value: 'localhost' }] });
  const write = ({ chainPem, keyPem }: { readonly chainPem: string; readonly keyPem: string }) => {
    writeFileSync(files.certFile, chainPem);
    writeFileSync(files.keyFile, keyPem);
  };
  write(await certificate());
  const failures: unknown[] = [];
  const tls = createEdgeTls(files, (cause) => failures.push(cause));
  t.after(() => tls.close());
  const server = createServer((request, response) => {
    if (request.url === '/break') {
      response.write('begin');
      setTimeout(() => response.destroy(), 20);
      return;
    }
    if (request.url === '/twice') {
      response.setHeader('trailer', 'etag');
      response.addTrailers([
        ['etag', 'a'],
        ['etag', 'b'],
      ]);
      response.end('whole');
      return;
    }
    if (request.method !== 'HEAD') response.setHeader('trailer', 'x-sum');
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.length;
    });
    request.on('end', () => {
      response.write(JSON.stringify({ url: request.url, headers: request.rawHeaders, size }));
      response.addTrailers({ 'x-sum': String(size) });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const upstream = (server.address() as AddressInfo).port;
  const { port } = await proxyEdge(t, upstream, {
    routes: [{ methods: ['GET', 'POST', 'OPTIONS'] }],
    ...routes,
    receiver: { tls },
  });
  return { port, tls, write, certificate, failures };
}

function session(t: TestContext, port: number): ClientHttp2Session {
  const client = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  client.on('error', () => undefined);
  t.after(() => client.destroy());
  return client;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly trailers: Record<string, unknown>;
  readonly rstCode: number;
}

async function ask(
  client: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: Buffer,
): Promise<Answered> {
  const stream = client.request({ ':path': '/', ...headers }, { endStream: body === undefined });
  let text = '';
  let answer: Record<string, unknown> = {};
  let trailers: Record<string, unknown> = {};
  stream.on('response', (found) => {
    answer = found;
  });
  stream.on('trailers', (found) => {
    trailers = found;
  });
  stream.on('data', (chunk) => {
    text += chunk;
  });
  stream.on('error', () => undefined);
  if (body !== undefined) stream.end(body);
  await new Promise((resolve) => stream.once('close', resolve));
  const status = answer[':status'] as number | undefined;
  return { status, headers: answer, text, trailers, rstCode: stream.rstCode };
}

test('a request of HTTP/2 is the same request: body, trailers, authority, cookies in parts', async (t) => {
  const { port } = await edge(t);
  const client = session(t, port);
  const body = Buffer.alloc(1_000_000);
  const answer = await ask(
    client,
    { ':method': 'POST', ':path': '/a?b', cookie: ['a=1', 'b=2'], txn_token: 'forged' },
    body,
  );
  assert.equal(answer.status, 200);
  const seen = JSON.parse(answer.text);
  assert.equal(seen.size, body.length);
  assert.equal(seen.url, '/a?b');
  const headers = new Map<string, string>();
  for (let i = 0; i < seen.headers.length; i += 2)
    headers.set(seen.headers[i], seen.headers[i + 1]);
  assert.equal(headers.get('host'), `127.0.0.1:${port}`);
  assert.equal(headers.get('cookie'), 'a=1; b=2');
  assert.match(headers.get('forwarded') ?? '', /proto=https$/);
  assert.ok(!answer.text.includes('forged'));
  assert.equal(answer.trailers['x-sum'], String(body.length));
});

test('HEAD, an empty answer and a refusal end their streams; the session goes on', async (t) => {
  const { port } = await edge(t);
  const client = session(t, port);
  const head = await ask(client, { ':method': 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  const options = await ask(client, { ':method': 'DELETE' });
  assert.equal(options.status, 405);
  assert.equal(JSON.parse(options.text).code, 'gateway.method_not_allowed');
  assert.equal((await ask(client, {})).status, 200);
});

test('who got too many tokens wrong is let go: the session ends', async (t) => {
  const { port } = await edge(t, {
    routes: [{ rule: { ...httpRoute().rule, subject: 'SIGNED_IN' } }],
  });
  const client = session(t, port);
  const closed = new Promise((resolve) => client.once('close', resolve));
  const bad = () => ask(client, { authorization: 'Bearer a.b.c' });
  for (let i = 0; i < 60; i += 1) assert.equal((await bad()).status, 401);
  const last = await bad();
  assert.equal(last.status, 429);
  assert.equal(JSON.parse(last.text).code, 'gateway.too_many_failures');
  await closed;
});

test('an upstream that is interrupted resets the stream', async (t) => {
  const { port } = await edge(t);
  const answer = await ask(session(t, port), { ':path': '/break' });
  assert.equal(answer.text, 'begin');
  assert.equal(answer.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
});

test('trailers that HTTP/2 has no place for are left out, and the gateway lives', async (t) => {
  const { port } = await edge(t);
  const client = session(t, port);
  const answer = await ask(client, { ':path': '/twice' });
  assert.equal(answer.text, 'whole');
  assert.equal(answer.trailers.etag, undefined);
  assert.equal((await ask(client, {})).status, 200);
});

test('refused: a Host that is not the authority, and headers of a connection', async (t) => {
  const { port } = await edge(t);
  const client = session(t, port);
  const other = await ask(client, { ':authority': 'a.example', host: 'other.example' });
  assert.equal(JSON.parse(other.text).code, 'gateway.duplicate_header');
  const same = await ask(client, { ':authority': 'a.example', host: 'a.example' });
  assert.equal(same.status, 200);
  const frames = await rawSession(t, port);
  for (const field of ['connection', 'transfer-encoding', 'upgrade', 'keep-alive', 'Upper']) {
    const answer = await frames.ask([...GET, [field, 'x']]);
    assert.match(answer, /^RST_STREAM|^GOAWAY/, field);
  }
});

test('refused: pseudo-header fields that are missing, late, doubled or made up', async (t) => {
  const { port } = await edge(t);
  for (const fields of [
    GET.slice(1),
    [...GET, [':method', 'POST']],
    [...GET, ['a', 'b'], [':path', '/x']],
    [...GET, [':made', 'up']],
    GET.map(([name, value]) => [name, name === ':scheme' ? 'http' : value]),
    GET.map(([name, value]) => [name, name === ':path' ? '' : value]),
  ] as const) {
    const frames = await rawSession(t, port);
    const answer = await frames.ask(fields as readonly (readonly [string, string])[]);
    assert.match(answer, /^RST_STREAM|^GOAWAY|^CLOSED/, JSON.stringify(fields));
  }
});

test('CVE-2023-44487: streams that are opened to be reset end the connection', async (t) => {
  const { port } = await edge(t);
  const frames = await rawSession(t, port);
  let id = 1;
  for (let round = 0; round < 1000 && !frames.closed(); round += 1) {
    const burst: Buffer[] = [];
    for (let i = 0; i < 20; i += 1, id += 2) {
      burst.push(headersFrame(id, GET), frame(3, 0, id, Buffer.from([0, 0, 0, 8])));
    }
    frames.write(Buffer.concat(burst));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await frames.closing;
  assert.ok(id < 20_000, `${id}`);
});

test('CVE-2024-27316: a head that is continued for ever ends the connection', async (t) => {
  const { port } = await edge(t);
  const frames = await rawSession(t, port);
  const part = encodeFields([['x-a', 'a'.repeat(1000)]]);
  frames.write(frame(1, 0x1, 1, encodeFields(GET)));
  for (let i = 0; i < 1000 && !frames.closed(); i += 1) {
    frames.write(frame(9, 0, 1, part));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await frames.closing;
});

test('too many headers and too large ones are refused, not stored', async (t) => {
  const { port } = await edge(t);
  const many = Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'v'] as const);
  const first = await rawSession(t, port);
  assert.match(await first.ask([...GET, ...many]), /^RST_STREAM|^GOAWAY|^CLOSED/);
  const second = await rawSession(t, port);
  assert.match(
    await second.ask([...GET, ['x', 'v'.repeat(20_000)]]),
    /^RST_STREAM|^GOAWAY|^CLOSED/,
  );
});

test('SETTINGS without end end the connection', async (t) => {
  const { port } = await edge(t);
  const frames = await rawSession(t, port);
  const flood = Buffer.concat(Array.from({ length: 2000 }, () => frame(4, 0, 0, Buffer.alloc(0))));
  frames.pause();
  for (let i = 0; i < 200 && !frames.closed(); i += 1) {
    frames.write(flood);
    await new Promise((resolve) => setImmediate(resolve));
  }
  frames.resume();
  await frames.closing;
});

test('HTTP/1.1 over TLS is served as without; a new certificate refuses nobody', async (t) => {
  const { port, tls, write, certificate, failures } = await edge(t);
  const open = async (): Promise<TLSSocket> => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return socket;
  };
  const old = await open();
  const fingerprint = old.getPeerCertificate().fingerprint256;
  const next = await certificate();
  write({ chainPem: next.chainPem, keyPem: 'half' });
  assert.equal(tls.reload(), false);
  assert.equal(tls.reload(), false);
  assert.equal(failures.length, 1, 'told once');
  write(next);
  assert.equal(tls.reload(), true);
  const fresh = await open();
  assert.notEqual(fresh.getPeerCertificate().fingerprint256, fingerprint);
  for (const socket of [old, fresh]) {
    socket.write('GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'close');
    assert.match(text, /^HTTP\/1\.1 200 .*proto=https/s);
  }
});

// Frames by hand: RFC 9113, section 4.1; header fields never indexed, RFC 7541, section 6.2.2.
type Field = readonly [name: string, value: string];
const GET: readonly Field[] = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.example'],
  [':path', '/'],
];

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function headersFrame(stream: number, fields: readonly Field[]): Buffer {
  return frame(1, 0x4 | 0x1, stream, encodeFields(fields));
}

function encodeFields(fields: readonly Field[]): Buffer {
  const text = (value: string) => Buffer.concat([integer(value.length), Buffer.from(value)]);
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]),
  );
}

function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

async function rawSession(t: TestContext, port: number) {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(4, 0, 0, Buffer.alloc(0)),
    ]),
  );
  let pending = Buffer.alloc(0);
  let heard = (_name: string): void => undefined;
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
      const type = pending[3];
      pending = pending.subarray(9 + pending.readUIntBE(0, 3));
      if (type === 1) heard('HEADERS');
      if (type === 3) heard('RST_STREAM');
      if (type === 7) heard('GOAWAY');
    }
  });
  const closing = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let next = 1;
  return {
    closing,
    closed: () => socket.destroyed,
    write: (bytes: Buffer) => {
      if (!socket.destroyed) socket.write(bytes);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    ask: (fields: readonly Field[]): Promise<string> =>
      new Promise((resolve) => {
        heard = resolve;
        void closing.then(() => resolve('CLOSED'));
        socket.write(headersFrame(next, fields));
        next += 2;
      }),
  };
}
