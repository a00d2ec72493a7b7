/** Who may call, over real sockets: certificates, SPIFFE IDs, callers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createServiceClient,
  createUpstream,
  type ServiceClient,
  type Upstream,
} from '@gatehouse/client/grpc';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import {
  createTestAuthority,
  createTestIssuer,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { ChannelCredentials, Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';
import { codeOf } from '../test-support/outcome.ts';
import { TlsFiles } from '../tls/tls-files.ts';

const BOARD_ID = 'spiffe://gatehouse.local/board';
const GET_POST = '/gatehouse.board.v1.BoardService/GetPost';

const issuer = createTestIssuer();
const upstreams: Upstream[] = [];
let authority: TestAuthority;
let foreign: TestAuthority;
let service: TestService;

before(async () => {
  authority = await createTestAuthority();
  foreign = await createTestAuthority();
  service = await startTestService({
    name: 'board',
    authority,
    build: async () => ({
      passports: issuer.gate(),
      implementations: [
        implementPartly(BoardService, { getPost: () => ({}), listPosts: () => ({}) }),
      ],
    }),
  });
});

after(async () => {
  for (const upstream of upstreams) upstream.close();
  await service.close();
  await authority.close();
  await foreign.close();
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

test('the workload that the rule names may call', async () => {
  const gateway = connect(await authority.folderFor('gateway'));
  const passport = issuer.passport({ scope: 'board:read' });
  assert.equal(await codeOf(board(gateway).getPost({ postId: 'p' }, { passport })), 'ok');
});

test('another workload than the rule names is refused, whatever its passport', async () => {
  const user = connect(await authority.folderFor('user'));
  const passport = issuer.passport({ scope: 'board:read' });
  const refused = await codeOf(board(user).getPost({ postId: 'p' }, { passport }));
  assert.equal(refused, 'PERMISSION_DENIED access.caller');
  // The caller is asked about first: a stranger learns nothing of the passport.
  assert.equal(
    await codeOf(board(user).getPost({ postId: 'p' }, { passport: 'rubbish' })),
    'PERMISSION_DENIED access.caller',
  );
  const { code, decision, peer } = refusedCall();
  const said = { code: 'access.caller', decision: 'caller', peer: 'spiffe://gatehouse.local/user' };
  assert.deepEqual({ code, decision, peer }, said);
});

/** The last line of the service's log with this message. */
function lastLine(message: string): Record<string, unknown> {
  const lines = service.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.findLast(({ msg }) => msg === message) ?? {};
}

const refusedConnection = () => lastLine('a connection was refused');
const refusedCall = () => lastLine('a call was denied');

test('a peer without a certificate cannot connect, and the log says why', async () => {
  const credentials = ChannelCredentials.createSsl(Buffer.from(authority.bundlePem), null, null, {
    checkServerIdentity: () => undefined,
  });
  assert.equal(await rawCall(credentials), 'UNAVAILABLE');
  assert.equal(refusedConnection().reason, 'the peer showed no certificate');
});

test('a peer of another authority cannot connect, and the log says why', async () => {
  const certificate = await foreign.issue({
    names: [{ type: 'url', value: 'spiffe://gatehouse.local/gateway' }],
  });
  const folder = await authority.folderWith(certificate);
  assert.equal(
    await codeOf(board(connect(folder)).listPosts({}, { passport: 'any' })),
    'UNAVAILABLE common.unavailable',
  );
  assert.match(String(refusedConnection().reason), /of no authority of the trust bundle/);
  assert.match(String(refusedConnection().address), /127\.0\.0\.1|::1/);
});

test('a peer whose certificate has ended cannot connect, and the log says why', async () => {
  const certificate = await authority.issue({
    names: [{ type: 'url', value: 'spiffe://gatehouse.local/gateway' }],
    endsInMs: -60_000,
  });
  const folder = await authority.folderWith(certificate);
  assert.equal(
    await codeOf(board(connect(folder)).listPosts({}, { passport: 'any' })),
    'UNAVAILABLE common.unavailable',
  );
  assert.match(String(refusedConnection().reason), /has expired/);
});

for (const [what, names, reason] of [
  ['of another trust domain', ['spiffe://other.local/gateway'], /another trust domain/],
  [
    'with two SPIFFE IDs',
    ['spiffe://gatehouse.local/gateway', 'spiffe://gatehouse.local/board'],
    /more than one URI name/,
  ],
  ['with no SPIFFE ID', ['https://gatehouse.local/gateway'], /no SPIFFE ID/],
  ['with a deeper path', ['spiffe://gatehouse.local/ns/gateway'], /no SPIFFE ID/],
] as const) {
  test(`a certificate ${what} is no identity`, async () => {
    const certificate = await authority.issue({
      names: names.map((value) => ({ type: 'url' as const, value })),
    });
    assert.equal(await rawCall(peerCredentials(certificate)), 'UNAUTHENTICATED');
    assert.match(String(refusedCall().reason), reason);
  });
}

test('a DNS name that reads like an identity is none', async () => {
  const certificate = await authority.issue({
    names: [{ type: 'dns', value: 'x, URI:spiffe://gatehouse.local/gateway' }],
  });
  assert.equal(await rawCall(peerCredentials(certificate)), 'UNAUTHENTICATED');
});

test('an authority certificate is no workload', async () => {
  const certificate = await authority.issue({
    names: [{ type: 'url', value: 'spiffe://gatehouse.local/gateway' }],
    isAuthority: true,
  });
  assert.equal(await rawCall(peerCredentials(certificate)), 'UNAUTHENTICATED');
});

test('a client refuses a server that is another workload', async () => {
  const upstream = createUpstream({
    addresses: [`localhost:${service.grpcPort}`],
    serverSpiffeId: 'spiffe://gatehouse.local/auth',
    tls: new TlsFiles(await authority.folderFor('gateway')),
    tracer: trace.getTracer('test'),
  });
  upstreams.push(upstream);
  assert.equal(
    await codeOf(board(upstream).listPosts({}, { passport: 'any' })),
    'UNAVAILABLE common.unavailable',
  );
});

function peerCredentials(certificate: { keyPem: string; chainPem: string }): ChannelCredentials {
  return ChannelCredentials.createSsl(
    Buffer.from(authority.bundlePem),
    Buffer.from(certificate.keyPem),
    Buffer.from(certificate.chainPem),
    { checkServerIdentity: () => undefined },
  );
}

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
