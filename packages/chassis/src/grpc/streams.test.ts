/** Server streams, renewed certificates, and the drain. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import {
  createServiceClient,
  createUpstream,
  type ServiceClient,
  type Upstream,
} from '@gatehouse/client/grpc';
import {
  type AccessChange,
  AuthService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { defineErrors } from '@gatehouse/errors';
import {
  createTestAuthority,
  createTestIssuer,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { trace } from '@opentelemetry/api';
import { TlsFiles } from '../tls/tls-files.ts';
import type { Call, Handlers } from './call.ts';

const BOARD_ID = 'spiffe://gatehouse.local/board';
const SCOPE = 'board:read board:write';

const errors = defineErrors('streamstest', { FULL: ['RESOURCE_EXHAUSTED', 'The shelf is full.'] });
const issuer = createTestIssuer();
const passports = issuer.gate();

let board: Partial<Handlers<typeof BoardService>> = {};
let watch: Handlers<typeof AuthService>['watchAccessChanges'];
let authority: TestAuthority;
let service: TestService;
let upstream: Upstream;
let tls: TlsFiles;
/** The files of the board that was started last. */
let boardTls: TlsFiles | undefined;

before(async () => {
  authority = await createTestAuthority();
  service = await startTestBoard();
  tls = new TlsFiles(await authority.folderFor('gateway'));
  upstream = connect(service);
});

after(async () => {
  upstream.close();
  await service.close();
  await authority.close();
});

function startTestBoard(): Promise<TestService> {
  const now: Handlers<typeof BoardService>['getPost'] = (request, call) => {
    assert.ok(board.getPost);
    return board.getPost(request, call);
  };
  return startTestService({
    name: 'board',
    authority,
    build: async (context) => {
      boardTls = context.tls;
      return {
        passports,
        implementations: [
          implementPartly(BoardService, { getPost: now }),
          implementPartly(AuthService, {
            watchAccessChanges: (request, call) => watch(request, call),
          }),
        ],
      };
    },
  });
}

function connect(...copies: readonly TestService[]): Upstream {
  return createUpstream({
    addresses: copies.map(({ grpcPort }) => `localhost:${grpcPort}`),
    serverSpiffeId: BOARD_ID,
    tls,
    tracer: trace.getTracer('test'),
  });
}

const passport = (): string => issuer.passport({ scope: SCOPE });

test('a server stream arrives in order and ends', async () => {
  watch = async function* () {
    for (const position of [1n, 2n, 3n]) yield { position };
  };
  const positions: bigint[] = [];
  for await (const { position } of auth().watchAccessChanges({})) positions.push(position);
  assert.deepEqual(positions, [1n, 2n, 3n]);
});

test('a stream that fails half way gives what came before, then the error', async () => {
  watch = async function* () {
    yield { position: 1n };
    throw errors.FULL();
  };
  const seen: AccessChange[] = [];
  await assert.rejects(
    async () => {
      for await (const change of auth().watchAccessChanges({})) seen.push(change);
    },
    { code: 'streamstest.full' },
  );
  assert.equal(seen.length, 1);
});

test('a snapshot of more revocations than 4 MiB hold still arrives', async () => {
  const sessions = Array.from({ length: 150_000 }, (_, index) => ({
    sessionId: `ses_${String(index).padStart(26, '0')}`,
  }));
  watch = async function* () {
    yield { position: 1n, event: { case: 'snapshot', value: { sessions } } };
  };
  const counts: number[] = [];
  for await (const { event } of auth().watchAccessChanges({})) {
    if (event.case === 'snapshot') counts.push(event.value.sessions.length);
  }
  assert.deepEqual(counts, [150_000]);
});

test('leaving a stream ends it at the server', async () => {
  const ended = Promise.withResolvers<void>();
  watch = async function* (_request, { signal }) {
    try {
      yield { position: 1n };
      await once(signal, 'abort');
    } finally {
      ended.resolve();
    }
  };
  for await (const { position } of auth().watchAccessChanges({})) {
    assert.equal(position, 1n);
    break;
  }
  await ended.promise;
});

test('a signal ends a stream at both ends', async () => {
  const cancel = new AbortController();
  const ended = Promise.withResolvers<void>();
  watch = async function* (_request, { signal }) {
    yield { position: 1n };
    await once(signal, 'abort');
    ended.resolve();
  };
  await assert.rejects(
    async () => {
      for await (const _change of auth().watchAccessChanges({}, { signal: cancel.signal })) {
        cancel.abort();
      }
    },
    { code: 'common.cancelled' },
  );
  await ended.promise;
});

test('the drain finishes calls in flight, ends streams, and takes no new call', async () => {
  const draining = await startTestBoard();
  const link = connect(draining);
  const started = Promise.withResolvers<Call>();
  const finish = Promise.withResolvers<void>();
  board = {
    getPost: async (_request, call) => {
      started.resolve(call);
      await finish.promise;
      return { postId: 'late' };
    },
  };
  const watched = Promise.withResolvers<void>();
  watch = async function* () {
    watched.resolve();
    // Never comes to an end by itself, and does not look at its signal.
    await new Promise(() => undefined);
    yield { position: 1n };
  };
  const stream = createServiceClient(AuthService, link).watchAccessChanges({});
  const streamed = assert.rejects(
    async () => {
      for await (const change of stream) assert.fail(String(change.position));
    },
    { code: 'wire.stopping' },
  );
  const answer = createServiceClient(BoardService, link).getPost(
    { postId: 'p' },
    { passport: passport() },
  );
  const call = await started.promise;
  await watched.promise;
  const closed = draining.close();
  await streamed;
  assert.equal(call.signal.aborted, false);
  finish.resolve();
  assert.equal((await answer).postId, 'late');
  await closed;
  await assert.rejects(
    createServiceClient(BoardService, link).getPost({ postId: 'p' }, { passport: passport() }),
    { code: 'common.unavailable' },
  );
  link.close();
});

test('a renewed certificate serves new connections, and open ones live on', async () => {
  board = { getPost: () => ({ postId: 'p' }) };
  const renewing = await startTestBoard();
  const open = connect(renewing);
  const other = createServiceClient(BoardService, open);
  await other.getPost({ postId: 'p' }, { passport: passport() });
  const first = await servedSerialNumber(renewing);
  await authority.renew(renewing.tlsFolder, 'board');
  assert.equal(boardTls?.reload(), true);
  assert.notEqual(await servedSerialNumber(renewing), first);
  await other.getPost({ postId: 'p' }, { passport: passport() });
  const next = connect(renewing);
  await createServiceClient(BoardService, next).getPost({ postId: 'p' }, { passport: passport() });
  await assert.rejects(callAsForeigner(renewing), { code: 'common.unavailable' });
  open.close();
  next.close();
  await renewing.close();
});

/** Calls with a certificate of another authority, which says that it is the gateway. */
async function callAsForeigner(to: TestService): Promise<unknown> {
  const foreign = await createTestAuthority();
  const names = [{ type: 'url' as const, value: 'spiffe://gatehouse.local/gateway' }];
  const folder = await authority.folderWith(await foreign.issue({ names }));
  await foreign.close();
  const link = createUpstream({
    addresses: [`localhost:${to.grpcPort}`],
    serverSpiffeId: BOARD_ID,
    tls: new TlsFiles(folder),
    tracer: trace.getTracer('test'),
  });
  const call = createServiceClient(BoardService, link).getPost(
    { postId: 'p' },
    { passport: passport() },
  );
  return call.finally(() => link.close());
}

async function servedSerialNumber({ grpcPort }: TestService): Promise<string | undefined> {
  const socket = connectTls({
    ...tls.connectOptions(BOARD_ID),
    port: grpcPort ?? 0,
    host: 'localhost',
    ALPNProtocols: ['h2'],
  });
  await once(socket, 'secureConnect');
  const serialNumber = socket.getPeerX509Certificate()?.serialNumber;
  socket.destroy();
  return serialNumber;
}

function auth(): ServiceClient<typeof AuthService> {
  return createServiceClient(AuthService, upstream);
}
