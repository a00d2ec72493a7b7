/** One trace from client to server and on, metrics, and health, over real sockets. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createServiceClient,
  createUpstream,
  type ServiceClient,
  type Upstream,
} from '@gatehouse/client/grpc';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import {
  createTestAuthority,
  createTestIssuer,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { createPassportVerifier } from '@gatehouse/tokens';
import { SpanKind, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace';
import { TlsFiles } from '../tls/tls-files.ts';
import { withSpan } from './spans.ts';

const exporter = new InMemorySpanExporter();
const spanProcessors = [new SimpleSpanProcessor({ exporter })];
const issuer = createTestIssuer();
const verifier = createPassportVerifier({
  trustDomain: 'gatehouse.local',
  keys: issuer.passportKeys,
});
const passports = { verify: (token: string) => verifier.verify(token), revocationsStale: false };
let authority: TestAuthority;
let user: TestService;
let board: TestService;
let upstream: Upstream;
let client: ServiceClient<typeof BoardService>;
let isDatabaseThere = true;

before(async () => {
  authority = await createTestAuthority();
  user = await startTestService({
    name: 'user',
    authority,
    spanProcessors,
    build: async () => ({
      passports,
      implementations: [implementPartly(UserService, { activateUser: () => ({}) })],
    }),
  });
  board = await startTestService({
    name: 'board',
    authority,
    spanProcessors,
    env: { GATEHOUSE_UPSTREAMS: `user=localhost:${user.grpcPort}` },
    build: async (context) => {
      context.readiness('shelf', () => {
        if (!isDatabaseThere) throw new Error('the shelf is unavailable');
      });
      const users = context.client(UserService);
      return {
        passports,
        implementations: [
          implementPartly(BoardService, {
            getPost: async () => {
              const userId = 'usr_01test0000000000000000000';
              const own = issuer.workloadPassport('board');
              await users.activateUser({ userId }, { passport: own }).catch(() => undefined);
              return {};
            },
          }),
        ],
      };
    },
  });
  upstream = createUpstream({
    addresses: [`localhost:${board.grpcPort}`],
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls: new TlsFiles(await authority.folderFor('gateway')),
    tracer: trace.getTracer('test'),
  });
  client = createServiceClient(BoardService, upstream);
});

after(async () => {
  upstream.close();
  await board.close();
  await user.close();
  await authority.close();
});

test('one trace runs from the first client through both services', async () => {
  exporter.reset();
  const passport = issuer.passport({ scope: 'board:read' });
  await withSpan({ tracer: trace.getTracer('test'), name: 'edge' }, () =>
    client.getPost({ postId: 'p' }, { passport }),
  );
  const spans = exporter.getFinishedSpans();
  const chain = lineOf(spans);
  assert.deepEqual(chain, [
    'edge INTERNAL',
    'gatehouse.board.v1.BoardService/GetPost CLIENT',
    'gatehouse.board.v1.BoardService/GetPost SERVER',
    'gatehouse.user.v1.UserService/ActivateUser CLIENT',
    'gatehouse.user.v1.UserService/ActivateUser SERVER',
  ]);
  assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
  const server = spans.find(
    ({ name, kind }) => name.endsWith('GetPost') && kind === SpanKind.SERVER,
  );
  assert.equal(server?.attributes['gatehouse.peer'], 'spiffe://gatehouse.local/gateway');
  assert.equal(server.attributes['gatehouse.subject_kind'], 'person');
  assert.match(String(server.attributes['gatehouse.subject']), /^usr_/);
  assert.equal(server.attributes['gatehouse.passport_issuer'], 'spiffe://gatehouse.local/gateway');
  assert.equal(server.attributes['gatehouse.passport_scope'], 'board:read');
  assert.ok(server.attributes['gatehouse.passport_txn']);
  assert.equal(server.attributes['gatehouse.decision'], 'allow');
  assert.equal(server.resource.attributes['service.name'], 'board');
  // The rule asks for auth or the orchestrator, and this was the board.
  const refused = spans.find(
    ({ name, kind }) => name.endsWith('ActivateUser') && kind === SpanKind.SERVER,
  );
  assert.equal(refused?.attributes['gatehouse.decision'], 'caller');
  assert.ok(!JSON.stringify(spans.map(({ attributes }) => attributes)).includes('eyJ'));
});

test('metrics tell calls by method and status, and the process', async () => {
  await client.getPost({ postId: 'p' }, { passport: issuer.passport({ scope: 'board:read' }) });
  await client.getPost({ postId: 'p' }, { passport: 'rubbish' }).catch(() => undefined);
  const response = await fetch(`${board.adminUrl}/metrics`);
  assert.equal(response.status, 200);
  const text = await response.text();
  assert.match(
    text,
    /rpc_server_call_duration_count\{[^}]*GetPost[^}]*status_code="UNAUTHENTICATED"[^}]*\} 1\n/,
  );
  assert.match(text, /rpc_server_call_duration_bucket\{[^}]*status_code="OK"/);
  assert.match(text, /process_memory_usage \d+/);
  assert.match(text, /nodejs_eventloop_delay_p99 \d/);
});

test('readiness names each check; liveness does not depend on them', async () => {
  const ready = await fetch(`${board.adminUrl}/readyz`);
  assert.equal(ready.status, 200);
  isDatabaseThere = false;
  const unready = await fetch(`${board.adminUrl}/readyz`);
  assert.equal(unready.status, 503);
  const report = (await unready.json()) as { ready: boolean; checks: Record<string, unknown> };
  assert.equal(report.ready, false);
  assert.deepEqual(report.checks.shelf, { ok: false, note: 'the shelf is unavailable' });
  assert.equal((await fetch(`${board.adminUrl}/livez`)).status, 200);
  isDatabaseThere = true;
});

test('the admin listener has nothing else', async () => {
  assert.equal((await fetch(`${board.adminUrl}/`)).status, 404);
  assert.equal((await fetch(`${board.adminUrl}/metrics`, { method: 'POST' })).status, 405);
});

function lineOf(spans: readonly ReadableSpan[]): string[] {
  const line: string[] = [];
  let current = spans.find(({ parentSpanContext }) => parentSpanContext === undefined);
  while (current !== undefined) {
    const { spanId } = current.spanContext();
    line.push(`${current.name} ${SpanKind[current.kind]}`);
    current = spans.find(({ parentSpanContext }) => parentSpanContext?.spanId === spanId);
  }
  return line;
}
