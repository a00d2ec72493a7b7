/** For whom a call is made, over real sockets: passports of every kind. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createServiceClient,
  createUpstream,
  MutualTlsChannelCredentials,
  type ServiceClient,
  type Upstream,
} from '@gatehouse/client/grpc';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import {
  createTestAuthority,
  createTestClock,
  createTestIssuer,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { KeysUnavailableError } from '@gatehouse/tokens';
import { type ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';
import { codeOf } from '../test-support/outcome.ts';
import { TlsFiles } from '../tls/tls-files.ts';
import type { Call } from './call.ts';

const BOARD_ID = 'spiffe://gatehouse.local/board';
const GET_POST = '/gatehouse.board.v1.BoardService/GetPost';

const clock = createTestClock();
const issuer = createTestIssuer({ clock });
const gate = issuer.gate();
const upstreams: Upstream[] = [];
let calls: Call[] = [];
let authority: TestAuthority;
let service: TestService;
let gateway: Upstream;

before(async () => {
  authority = await createTestAuthority();
  const seen = (_request: unknown, call: Call) => {
    calls.push(call);
    return {};
  };
  service = await startTestService({
    name: 'board',
    authority,
    build: async () => ({
      passports: gate,
      implementations: [
        implementPartly(BoardService, { getPost: seen, listPosts: seen }),
        implementPartly(UserService, { activateUser: seen }),
        implementPartly(AuthService, {
          login: seen,
          changePassword: seen,
          registerPassportKey: seen,
        }),
      ],
    }),
  });
  gateway = connect(await authority.folderFor('gateway'));
});

after(async () => {
  for (const upstream of upstreams) upstream.close();
  await service.close();
  await authority.close();
});

function connect(tlsFolder: string): Upstream {
  const upstream = createUpstream({
    addresses: [`localhost:${service.grpcPort}`],
    serverSpiffeId: BOARD_ID,
    tls: new TlsFiles(tlsFolder),
    tracer: trace.getTracer('test'),
  });
  upstreams.push(upstream);
  return upstream;
}

function board(upstream: Upstream): ServiceClient<typeof BoardService> {
  return createServiceClient(BoardService, upstream);
}

test('a signed-in person gets through, and the handler sees caller, subject and passport', async () => {
  calls = [];
  const passport = issuer.passport({ scope: 'board:read' });
  await board(gateway).getPost({ postId: 'pst_1' }, { passport });
  const [call] = calls;
  assert.equal(call?.caller, 'spiffe://gatehouse.local/gateway');
  assert.equal(call.subject.kind, 'person');
  assert.equal(call.passport?.sub, call.subject.id);
  assert.equal(call.passportToken, passport);
  assert.equal(call.method.id, 'gatehouse.board.v1.BoardService/GetPost');
  assert.ok(call.deadlineMs !== undefined && call.deadlineMs > Date.now());
  // A call that came to its end was not cancelled, whatever became of its connection.
  await board(gateway).getPost({ postId: 'pst_2' }, { passport });
  assert.equal(call.signal.aborted, false);
});

test('without a passport a call that needs one does not leave, and would be UNAUTHENTICATED', async () => {
  assert.equal(await codeOf(board(gateway).listPosts({})), 'INTERNAL client.passport_missing');
  const tls = new TlsFiles(await authority.folderFor('gateway'));
  const credentials = new MutualTlsChannelCredentials(tls, BOARD_ID);
  assert.equal(await rawCall(credentials, new Metadata()), 'UNAUTHENTICATED');
});

test('an anonymous passport does not sign in, and is good for its own method only', async () => {
  const login = 'gatehouse.auth.v1.AuthService/Login';
  const passport = issuer.anonymousPassport(login);
  const auth = createServiceClient(AuthService, gateway);
  assert.equal(await codeOf(auth.login({ email: 'a@b.c', password: 'x' }, { passport })), 'ok');
  assert.equal(
    await codeOf(board(gateway).listPosts({}, { passport })),
    'UNAUTHENTICATED access.not_signed_in',
  );
  assert.equal(
    await codeOf(auth.validateToken({ token: 'x' }, { passport })),
    'PERMISSION_DENIED access.method_bound',
  );
});

test('a missing scope is PERMISSION_DENIED', async () => {
  const passport = issuer.passport({ scope: 'board:write' });
  assert.equal(
    await codeOf(board(gateway).listPosts({}, { passport })),
    'PERMISSION_DENIED access.scope',
  );
});

test('a passport that is not one, expired, or an access token is UNAUTHENTICATED', async () => {
  const invalid = 'UNAUTHENTICATED access.passport_invalid';
  const client = board(gateway);
  assert.equal(await codeOf(client.listPosts({}, { passport: 'rubbish' })), invalid);
  const access = issuer.accessToken({ scope: 'board:read' });
  assert.equal(await codeOf(client.listPosts({}, { passport: access })), invalid);
  const passport = issuer.passport({ scope: 'board:read' });
  clock.advance(120_000);
  assert.equal(await codeOf(client.listPosts({}, { passport })), invalid);
  const foreignIssuer = createTestIssuer({ clock });
  const forged = foreignIssuer.passport({ scope: 'board:read' });
  assert.equal(await codeOf(client.listPosts({}, { passport: forged })), invalid);
});

test('two passports are none', async () => {
  const passport = issuer.passport({ scope: 'board:read' });
  const metadata = new Metadata();
  metadata.add('txn-token', passport);
  metadata.add('txn-token', passport);
  const credentials = new MutualTlsChannelCredentials(
    new TlsFiles(await authority.folderFor('gateway')),
    BOARD_ID,
  );
  assert.equal(await rawCall(credentials, metadata), 'UNAUTHENTICATED');
});

test('a workload acts in its own name only, with its own passport', async () => {
  const upstream = connect(await authority.folderFor('auth'));
  const user = createServiceClient(UserService, upstream);
  const request = { userId: 'usr_01test0000000000000000000' };
  const own = issuer.workloadPassport('auth');
  assert.equal(await codeOf(user.activateUser(request, { passport: own })), 'ok');
  const other = issuer.workloadPassport('orchestrator');
  assert.equal(
    await codeOf(user.activateUser(request, { passport: other })),
    'PERMISSION_DENIED access.subject',
  );
  const person = issuer.passport();
  assert.equal(
    await codeOf(user.activateUser(request, { passport: person })),
    'PERMISSION_DENIED access.subject',
  );
});

test('a method for nobody needs no passport and looks at none', async () => {
  const auth = createServiceClient(AuthService, gateway);
  const request = { publicKey: new Uint8Array([1]), proof: 'x' };
  assert.equal(await codeOf(auth.registerPassportKey(request)), 'ok');
  assert.equal(await codeOf(auth.registerPassportKey(request, { passport: 'rubbish' })), 'ok');
});

test('a fresh method is UNAVAILABLE while the revocation feed is stale, and others keep working', async () => {
  gate.revocationsStale = true;
  try {
    const passport = issuer.passport({ scope: 'session:write board:read' });
    const auth = createServiceClient(AuthService, gateway);
    const request = { currentPassword: 'x', newPassword: 'long enough to pass' };
    assert.equal(
      await codeOf(auth.changePassword(request, { passport })),
      'UNAVAILABLE access.stale',
    );
    assert.equal(await codeOf(board(gateway).listPosts({}, { passport })), 'ok');
  } finally {
    gate.revocationsStale = false;
  }
});

test('missing keys are UNAVAILABLE with a time to come again, never UNAUTHENTICATED', async () => {
  const verify = gate.verify;
  gate.verify = async () => {
    throw new KeysUnavailableError(3);
  };
  try {
    await assert.rejects(board(gateway).listPosts({}, { passport: 'any' }), {
      kind: 'UNAVAILABLE',
      code: 'access.passport_unchecked',
      retryAfterSeconds: 3,
    });
  } finally {
    gate.verify = verify;
  }
});

test('no token is in the log', () => {
  assert.ok(service.logLines.length > 0);
  assert.ok(service.logLines.some((line) => line.includes('passport_invalid')));
  assert.ok(!service.logLines.some((line) => /eyJ/.test(line)));
});

/** Calls GetPost with an empty message beneath the typed client. @returns the name of the status. */
async function rawCall(
  credentials: ChannelCredentials,
  metadata = new Metadata(),
): Promise<string> {
  const client = new Client(`localhost:${service.grpcPort}`, credentials);
  const asIs = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve) => {
      const done = (error: ServiceError | null): void => resolve(nameOf(error?.code ?? 0));
      const options = { deadline: Date.now() + 20_000 };
      client.makeUnaryRequest(GET_POST, asIs, asIs, Buffer.alloc(0), metadata, options, done);
    });
  } finally {
    client.close();
  }
}

function nameOf(code: number): string {
  return { 0: 'OK', 14: 'UNAVAILABLE', 16: 'UNAUTHENTICATED' }[code] ?? String(code);
}
