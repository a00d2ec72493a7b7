import assert from 'node:assert/strict';
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { TlsFiles } from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import { createTestAuthority, createTestClock, type TestAuthority } from '@gatehouse/testing';
import { systemClock } from '@gatehouse/tokens';
import { trace } from '@opentelemetry/api';
import type { Forwarder } from './forwarder.ts';
import { createGrpcForwarder, type GrpcForwarderOptions } from './grpc-forwarder.ts';
import { frameMessage } from './grpc-frame.ts';

let authority: TestAuthority;
let ownTls: TlsFiles;

before(async () => {
  authority = await createTestAuthority();
  ownTls = new TlsFiles(await authority.folderFor('gateway'));
});
after(() => authority.close());

type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

interface Upstream {
  readonly port: number;
  readonly server: Http2SecureServer;
  readonly sessions: Set<ServerHttp2Session>;
  stop(): Promise<void>;
}

/** A bare HTTP/2 server in place of a service: it can do what grpc-js never would. */
async function upstream(
  t: TestContext,
  serve: Serve,
  options: { readonly name?: string; readonly port?: number } = {},
): Promise<Upstream> {
  const tls = new TlsFiles(await authority.folderFor(options.name ?? 'board'));
  const server = createSecureServer({
    ...tls.secureContextOptions(),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const sessions = new Set<ServerHttp2Session>();
  let stopping = false;
  server.on('session', (session) => {
    // A client that comes back meanwhile would be waited for.
    if (stopping) session.destroy();
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    serve(stream, headers);
  });
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, 'localhost', resolve);
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      stopping = true;
      for (const session of sessions) session.destroy();
      server.close(() => resolve());
    });
  t.after(() => (server.listening ? stop() : undefined));
  return { port: (server.address() as AddressInfo).port, server, sessions, stop };
}

/** Answers each call with the number of the answer. */
function echo(stream: ServerHttp2Stream, text = 'ok'): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(frameMessage(Buffer.from(text)));
}

function forwarderTo(
  t: TestContext,
  ports: readonly number[],
  options: Partial<GrpcForwarderOptions> = {},
): Forwarder {
  const forwarder = createGrpcForwarder({
    upstreams: new Map([['board', ports.map((port) => `localhost:${port}`)]]),
    trustDomain: 'gatehouse.local',
    tls: ownTls,
    clock: systemClock,
    tracer: trace.getTracer('test'),
    ...options,
  });
  t.after(() => forwarder.close());
  return forwarder;
}

async function call(
  forwarder: Forwarder,
  signal = new AbortController().signal,
  name = 'GetPost',
): Promise<string> {
  const method = METHODS.find(({ desc }) => desc.name === name);
  assert.ok(method);
  const message = Buffer.from('request');
  return Buffer.from(
    await forwarder.forward({ method, message, passport: 'p', signal }),
  ).toString();
}

test('a call brings its message, its passport and its deadline, and nothing else', async (t) => {
  const seen = Promise.withResolvers<{ headers: IncomingHttpHeaders; body: Buffer }>();
  const { port } = await upstream(t, (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      seen.resolve({ headers, body: Buffer.concat(chunks) });
      echo(stream);
    });
  });
  assert.equal(await call(forwarderTo(t, [port])), 'ok');
  const { headers, body } = await seen.promise;
  assert.deepEqual(Object.fromEntries(Object.entries(headers)), {
    ':authority': `localhost:${port}`,
    ':method': 'POST',
    ':path': '/gatehouse.board.v1.BoardService/GetPost',
    ':scheme': 'https',
    'content-type': 'application/grpc+proto',
    'grpc-timeout': '10000m',
    te: 'trailers',
    'txn-token': 'p',
  });
  assert.deepEqual(body, frameMessage(Buffer.from('request')));
});

test('calls share one connection', async (t) => {
  const { port, sessions } = await upstream(t, (stream) => echo(stream));
  const forwarder = forwarderTo(t, [port]);
  await Promise.all(Array.from({ length: 20 }, () => call(forwarder)));
  assert.equal(sessions.size, 1);
});

test('another workload at the address is nobody', async (t) => {
  const { port } = await upstream(t, (stream) => echo(stream), { name: 'user' });
  await assert.rejects(call(forwarderTo(t, [port])), { code: 'gateway.upstream_away' });
});

test('an unreachable service is 503 with a time to retry, and is found when it is back', async (t) => {
  const first = await upstream(t, (stream) => echo(stream));
  const clock = createTestClock();
  const forwarder = forwarderTo(t, [first.port], { clock });
  assert.equal(await call(forwarder), 'ok');
  await first.stop();
  await assert.rejects(call(forwarder), { code: 'gateway.upstream_away', retryAfterSeconds: 1 });
  await upstream(t, (stream) => echo(stream, 'again'), { port: first.port });
  clock.advance(2000);
  assert.equal(await call(forwarder), 'again');
});

test('endpoints take turns, and an unreachable one is passed over', async (t) => {
  const one = await upstream(t, (stream) => echo(stream, 'one'));
  const two = await upstream(t, (stream) => echo(stream, 'two'));
  const forwarder = forwarderTo(t, [one.port, two.port]);
  const answers = [await call(forwarder), await call(forwarder), await call(forwarder)];
  assert.deepEqual(new Set(answers), new Set(['one', 'two']));
  await two.stop();
  for (let i = 0; i < 6; i += 1) assert.equal(await call(forwarder), 'one');
});

test('a request that was refused before it began is sent again', async (t) => {
  let calls = 0;
  const { port } = await upstream(t, (stream) => {
    calls += 1;
    if (calls === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else echo(stream);
  });
  assert.equal(await call(forwarderTo(t, [port])), 'ok');
  assert.equal(calls, 2);
});

test('a request whose answer was lost is not sent again', async (t) => {
  let calls = 0;
  const { port } = await upstream(t, (stream) => {
    calls += 1;
    stream.session?.destroy();
  });
  await assert.rejects(call(forwarderTo(t, [port])), { code: 'gateway.upstream_away' });
  assert.equal(calls, 1);
});

/** Two copies, of which one fails each call in its way. */
async function withOneThatFails(t: TestContext, fail: Serve) {
  let failures = 0;
  const bad = await upstream(t, (stream, headers) => {
    failures += 1;
    fail(stream, headers);
  });
  const good = await upstream(t, (stream) => echo(stream));
  const forwarder = forwarderTo(t, [bad.port, good.port]);
  return { forwarder, failures: () => failures };
}

function respondUnavailable(stream: ServerHttp2Stream): void {
  stream.respond(
    { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' },
    { endStream: true },
  );
}

test('a safe request that an endpoint cuts, or is unavailable for, goes to another endpoint', async (t) => {
  for (const fail of [
    (stream: ServerHttp2Stream) => stream.session?.destroy(),
    respondUnavailable,
  ]) {
    const { forwarder, failures } = await withOneThatFails(t, fail);
    for (let i = 0; i < 4; i += 1) assert.equal(await call(forwarder), 'ok');
    assert.ok(failures() > 0);
  }
});

test('any other request goes to one copy only', async (t) => {
  const { forwarder, failures } = await withOneThatFails(t, respondUnavailable);
  const signal = new AbortController().signal;
  const calls = Array.from({ length: 4 }, () => call(forwarder, signal, 'CreatePost'));
  const results = await Promise.allSettled(calls);
  assert.equal(results.filter(({ status }) => status === 'rejected').length, failures());
  assert.ok(failures() > 0);
});

test('when every copy is unavailable, the last one’s answer is given', async (t) => {
  const { port } = await upstream(t, respondUnavailable);
  const other = await upstream(t, respondUnavailable);
  await assert.rejects(call(forwarderTo(t, [port, other.port])), { kind: 'UNAVAILABLE' });
});

test('a GOAWAY loses no request: what runs finishes, what comes goes to a new connection', async (t) => {
  const running = Promise.withResolvers<ServerHttp2Stream>();
  let calls = 0;
  const { port, sessions } = await upstream(t, (stream) => {
    calls += 1;
    if (calls === 1) running.resolve(stream);
    else echo(stream, 'second');
  });
  const forwarder = forwarderTo(t, [port]);
  const first = call(forwarder);
  const stream = await running.promise;
  const [session] = sessions;
  session?.close();
  // Asked at once, most likely before the GOAWAY has arrived.
  const others = await Promise.all(Array.from({ length: 5 }, () => call(forwarder)));
  assert.deepEqual(new Set(others), new Set(['second']));
  echo(stream, 'first');
  assert.equal(await first, 'first');
});

test('a call that takes too long is 504, and the service is told', async (t) => {
  const cancelled = Promise.withResolvers<number | undefined>();
  let calls = 0;
  const { port } = await upstream(t, (stream) => {
    calls += 1;
    if (calls === 1) echo(stream);
    else stream.on('close', () => cancelled.resolve(stream.rstCode));
  });
  const forwarder = forwarderTo(t, [port], { timeoutMs: 1000 });
  // Connected first, so that the time is not spent before the call arrives.
  await call(forwarder);
  await assert.rejects(call(forwarder), { code: 'common.deadline' });
  assert.equal(await cancelled.promise, constants.NGHTTP2_CANCEL);
});

test('a client that goes away ends its call at the service', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<number | undefined>();
  const { port } = await upstream(t, (stream) => {
    arrived.resolve();
    stream.on('close', () => cancelled.resolve(stream.rstCode));
  });
  const client = new AbortController();
  const answer = assert.rejects(call(forwarderTo(t, [port]), client.signal), {
    code: 'common.cancelled',
  });
  await arrived.promise;
  client.abort();
  await answer;
  assert.equal(await cancelled.promise, constants.NGHTTP2_CANCEL);
});

test('an answer without end is cut off', async (t) => {
  const { port } = await upstream(t, (stream) => echo(stream, 'a'.repeat(100_000)));
  const forwarder = forwarderTo(t, [port], { limitBytes: 50_000 });
  await assert.rejects(call(forwarder), { code: 'gateway.upstream_answer' });
});

test('a service without an address is unavailable', async (t) => {
  const forwarder = forwarderTo(t, [], { upstreams: new Map() });
  await assert.rejects(async () => call(forwarder), { code: 'gateway.upstream_away' });
});
