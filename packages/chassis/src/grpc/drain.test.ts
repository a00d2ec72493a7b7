/** The end of a server: what is in flight is finished, what comes late is refused, and it ends in time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { createServiceClient, createUpstream } from '@gatehouse/client/grpc';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { createTestAuthority, createTestIssuer, implementPartly } from '@gatehouse/testing';
import { createLogger } from '../telemetry/log.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { codeOf } from '../test-support/outcome.ts';
import { TlsFiles } from '../tls/tls-files.ts';
import type { Call } from './call.ts';
import { grpcListener } from './server.ts';

/** A server whose calls are held until the test releases them, by the id of the post. */
async function setUp(t: TestContext) {
  const authority = await createTestAuthority();
  const issuer = createTestIssuer();
  const telemetry = startTelemetry({ name: 'board' });
  const begun = new EventTarget();
  const calls = new Map<string, Call>();
  const releases = new Map<string, () => void>();
  const server = grpcListener({
    implementations: [
      implementPartly(BoardService, {
        getPost: async ({ postId }, call) => {
          const held = Promise.withResolvers<void>();
          calls.set(postId, call);
          releases.set(postId, held.resolve);
          begun.dispatchEvent(new Event(postId));
          await held.promise;
          return { postId };
        },
      }),
      implementPartly(AuthService, {
        watchAccessChanges: async function* (_request, { signal }) {
          yield { position: 1n };
          await once(signal, 'abort');
        },
      }),
    ],
    tls: new TlsFiles(await authority.folderFor('board')),
    host: '127.0.0.1',
    port: 0,
    trustDomain: authority.trustDomain,
    passports: issuer.gate(),
    telemetry,
    log: createLogger({ name: 'board', level: 'silent' }),
    interceptors: [],
  });
  await server.start();
  const upstream = createUpstream({
    addresses: [`localhost:${server.port}`],
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls: new TlsFiles(await authority.folderFor('gateway')),
    tracer: telemetry.tracer,
  });
  t.after(async () => {
    upstream.close();
    await telemetry.close();
    await authority.close();
  });
  const board = createServiceClient(BoardService, upstream);
  const passport = issuer.passport({ scope: 'board:read' });
  const get = (postId: string) => board.getPost({ postId }, { passport, timeoutMs: 600_000 });
  return {
    server,
    calls,
    release: (postId: string) => releases.get(postId)?.(),
    get,
    /** Makes a call and waits until its handler runs. */
    begin: async (postId: string) => {
      const running = once(begun, postId);
      // In an object, since a promise of the response itself would be waited for.
      const begunCall = { postId, response: get(postId) };
      await running;
      return begunCall;
    },
    watch: () => createServiceClient(AuthService, upstream).watchAccessChanges({}),
  };
}

test('calls in flight are finished, a stream is ended, and a late call is refused', async (t) => {
  const { server, begin, release, get, watch } = await setUp(t);
  const inFlight = await Promise.all(['p1', 'p2', 'p3'].map(begin));
  const stream = watch()[Symbol.asyncIterator]();
  assert.equal((await stream.next()).value.position, 1n);
  let isStopped = false;
  const stopping = server.stop(60_000).then(() => {
    isStopped = true;
  });
  // The stream ends first: its caller is told to go elsewhere while the calls are still worked on.
  assert.equal(await codeOf(stream.next()), 'UNAVAILABLE wire.stopping');
  assert.match(await codeOf(get('late')), /^UNAVAILABLE/);
  assert.equal(isStopped, false);
  for (const { postId } of inFlight) release(postId);
  for (const { postId, response } of inFlight) {
    assert.equal((await response).postId, postId);
  }
  await stopping;
});

test('what does not finish within the grace is cut, and its handler is told', async (t) => {
  const { server, begin, calls } = await setUp(t);
  const { response } = await begin('p');
  const cut = codeOf(response);
  const { signal } = calls.get('p') ?? assert.fail('the call has not begun');
  const aborted = once(signal, 'abort');
  await server.stop(20);
  assert.match(await cut, /^UNAVAILABLE|^CANCELLED|^INTERNAL/);
  await aborted;
});
