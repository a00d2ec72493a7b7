/** A service that trusts what auth publishes: it starts without auth, and follows its revocations. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { createServiceClient, createUpstream, type Upstream } from '@gatehouse/client/grpc';
import {
  type AccessChangeSchema,
  AuthService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import {
  createTestAuthority,
  createTestClock,
  createTestIssuer,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { type Clock, systemClock } from '@gatehouse/tokens';
import { trace } from '@opentelemetry/api';
import type { ServiceContext } from '../context/service-context.ts';
import { TlsFiles } from '../tls/tls-files.ts';

type Change = MessageInitShape<typeof AccessChangeSchema>;

const issuer = createTestIssuer();
let authority: TestAuthority;
let auth: TestService;
let keyServer: Server;
let hasKeys = false;
let streams = 0;
let tell: (change: Change) => void = () => undefined;

before(async () => {
  authority = await createTestAuthority();
  auth = await startTestService({
    name: 'auth',
    authority,
    build: async () => ({
      passports: { verify: () => Promise.reject(new Error('not asked')), revocationsStale: false },
      implementations: [
        implementPartly(AuthService, {
          watchAccessChanges: async function* (_request, { signal }) {
            streams += 1;
            yield { position: 1n, event: { case: 'snapshot', value: {} } };
            while (!signal.aborted) {
              const next = Promise.withResolvers<Change>();
              tell = next.resolve;
              yield await next.promise;
            }
          },
        }),
      ],
    }),
  });
  const tls = new TlsFiles(await authority.folderFor('auth'));
  keyServer = createServer(
    { ...tls.secureContextOptions(), requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const { passportJwks, accessJwks } = issuer;
      const set = request.url === '/.well-known/txn-jwks.json' ? passportJwks : accessJwks;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(hasKeys ? set : { keys: [] }));
    },
  ).listen(0, '127.0.0.1');
  await once(keyServer, 'listening');
});

after(async () => {
  keyServer.close();
  keyServer.closeAllConnections();
  await auth.close();
  await authority.close();
});

interface Started {
  readonly service: TestService;
  readonly context: ServiceContext;
}

async function startBoard(
  ports: { keys: number; auth: number },
  clock: Clock = systemClock,
): Promise<Started> {
  let context: ServiceContext | undefined;
  const service = await startTestService({
    name: 'board',
    authority,
    clock,
    env: {
      GATEHOUSE_UPSTREAMS: `auth=localhost:${ports.auth}`,
      GATEHOUSE_KEYS_URL: `https://localhost:${ports.keys}`,
    },
    build: async (given) => {
      context = given;
      return { implementations: [implementPartly(BoardService, { listPosts: () => ({}) })] };
    },
  });
  assert.ok(context);
  return { service, context };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!(await condition())) await delay(10, undefined, { signal });
}

async function checksOf(service: TestService): Promise<Record<string, { ok: boolean }>> {
  const response = await fetch(`${service.adminUrl}/readyz`);
  const { checks } = (await response.json()) as { checks: Record<string, { ok: boolean }> };
  return checks;
}

function connect(service: TestService, tlsFolder: string): Upstream {
  return createUpstream({
    addresses: [`localhost:${service.grpcPort}`],
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls: new TlsFiles(tlsFolder),
    tracer: trace.getTracer('test'),
  });
}

test('without auth a service starts, is not ready, and cannot tell a passport', async () => {
  // Ports that were free a moment ago and have nobody listening.
  const { service } = await startBoard({ keys: 1, auth: 1 });
  const checks = await checksOf(service);
  assert.equal(checks['passport keys']?.ok, false);
  assert.equal(checks['revocation feed']?.ok, false);
  assert.equal(checks['access keys'], undefined);
  assert.equal(checks.process?.ok, true);
  const upstream = connect(service, await authority.folderFor('gateway'));
  const board = createServiceClient(BoardService, upstream);
  const passport = issuer.passport({ scope: 'board:read' });
  await assert.rejects(board.listPosts({}, { passport }), { kind: 'UNAVAILABLE' });
  upstream.close();
  await service.close();
});

test('keys and revocations come from auth, and a revoked session is refused', async () => {
  const { port } = keyServer.address() as AddressInfo;
  const { service, context } = await startBoard({ keys: port, auth: auth.grpcPort ?? 0 });
  const upstream = connect(service, await authority.folderFor('gateway'));
  const board = createServiceClient(BoardService, upstream);
  const feed = context.revocations();
  const keys = context.passportKeys();
  await until(() => feed.ready);
  assert.equal(keys.ready, false);
  // Keys that appear later are fetched when the feed tells of them.
  hasKeys = true;
  tell({ position: 2n, event: { case: 'keysChanged', value: {} } });
  await until(() => keys.ready);
  await until(async () => (await fetch(`${service.adminUrl}/readyz`)).status === 200);
  const passport = issuer.passport({ scope: 'board:read', sid: 'ses_1' });
  await board.listPosts({}, { passport });
  const revoked = Promise.withResolvers<void>();
  feed.onSessionRevoked(() => revoked.resolve());
  const expiresAt = { seconds: BigInt(Math.floor(Date.now() / 1_000) + 900) };
  tell({
    position: 3n,
    event: { case: 'sessionRevoked', value: { sessionId: 'ses_1', expiresAt } },
  });
  await revoked.promise;
  await assert.rejects(board.listPosts({}, { passport }), { code: 'access.passport_revoked' });
  const other = issuer.passport({ scope: 'board:read', sid: 'ses_2' });
  await board.listPosts({}, { passport: other });
  const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
  assert.match(metrics, /^gatehouse_revocations_age \d/m);
  assert.match(metrics, /^gatehouse_keys_age\{keys="passport"\} \d/m);
  assert.doesNotMatch(metrics, /keys="access"/);
  upstream.close();
  await service.close();
});

test('a revoked key is refused though the key server still has it, and a feed that is silent for a quarter of an hour vouches for nothing', async () => {
  hasKeys = true;
  const { port } = keyServer.address() as AddressInfo;
  const clock = createTestClock();
  const { service, context } = await startBoard({ keys: port, auth: auth.grpcPort ?? 0 }, clock);
  const upstream = connect(service, await authority.folderFor('gateway'));
  const board = createServiceClient(BoardService, upstream);
  const feed = context.revocations();
  const keys = context.passportKeys();
  await until(() => feed.ready && keys.ready);
  await board.listPosts({}, { passport: issuer.passport({ scope: 'board:read' }) });

  clock.advance(15 * 60_000 + 1);
  const late = board.listPosts({}, { passport: issuer.passport({ scope: 'board:read' }) });
  await assert.rejects(late, { code: 'access.passport_unchecked' });

  clock.advance(-15 * 60_000 - 1);
  const passport = issuer.passport({ scope: 'board:read' });
  await board.listPosts({}, { passport });
  const [header = ''] = passport.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const revoked = Promise.withResolvers<void>();
  feed.onKeyRevoked(() => revoked.resolve());
  tell({ position: 2n, event: { case: 'keyRevoked', value: { kid } } });
  await revoked.promise;
  await assert.rejects(board.listPosts({}, { passport }), (error: Error) =>
    /passport_(invalid|unchecked)/.test(String((error as { code?: string }).code)),
  );
  upstream.close();
  await service.close();
});

/** A service that has no gRPC listener, and so trusts nothing by itself. */
async function startWith(
  t: TestContext,
  use: (context: ServiceContext) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<TestService> {
  const service = await startTestService({
    name: 'board',
    authority,
    env: { GATEHOUSE_UPSTREAMS: `auth=localhost:${auth.grpcPort}`, ...env },
    build: async (context) => {
      use(context);
      return { implementations: [] };
    },
  });
  t.after(() => service.close());
  return service;
}

const keysUrl = () => `https://localhost:${(keyServer.address() as AddressInfo).port}`;
const isReady = async (service: TestService) =>
  (await fetch(`${service.adminUrl}/readyz`)).status === 200;

test('passports and service tokens are verified by one stream, and each key set has its age', async (t) => {
  hasKeys = true;
  streams = 0;
  let verify: ((token: string) => Promise<unknown>) | undefined;
  const env = { GATEHOUSE_KEYS_URL: keysUrl(), GATEHOUSE_ISSUER: 'http://127.0.0.1:8091' };
  const service = await startWith(
    t,
    (context) => {
      context.trust();
      verify = (token) => context.serviceTokens().verify(token);
      assert.equal(context.serviceTokens(), context.serviceTokens());
    },
    env,
  );
  await until(() => isReady(service));
  await verify?.(issuer.serviceToken());
  assert.equal(streams, 1);
  const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
  for (const keys of ['access', 'passport']) {
    assert.match(metrics, new RegExp(`^gatehouse_keys_age\\{keys="${keys}"\\} \\d`, 'm'));
  }
  assert.equal(metrics.match(/# TYPE gatehouse_keys_age gauge/g)?.length, 1);
});

test('the feed alone fetches no keys and needs no setting for them', async (t) => {
  const service = await startWith(t, (context) => void context.revocations());
  await until(() => isReady(service));
  const checks = await checksOf(service);
  assert.deepEqual(Object.keys(checks), ['process', 'certificate', 'revocation feed']);
});

test('the access keys come without those of passports, and without the revoked ones', async (t) => {
  hasKeys = true;
  const [kid = ''] = issuer.accessJwks.keys.map((key) => key.kid);
  const given = Promise.withResolvers<ServiceContext>();
  const service = await startWith(
    t,
    (context) => {
      given.resolve(context);
      context.accessKeys();
    },
    { GATEHOUSE_KEYS_URL: keysUrl() },
  );
  const context = await given.promise;
  await until(() => isReady(service));
  assert.equal((await checksOf(service))['passport keys'], undefined);
  assert.ok(context.accessKeys().find(kid));
  const revoked = Promise.withResolvers<void>();
  context.revocations().onKeyRevoked(() => revoked.resolve());
  tell({ position: 2n, event: { case: 'keyRevoked', value: { kid } } });
  await revoked.promise;
  assert.equal(context.accessKeys().find(kid), undefined);
});
