/** The policy of a target over the wire of gRPC: tokens, keys, the breaker. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { createTestAuthority } from '@gatehouse/testing';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';
import { withPassport } from '../flow.ts';
import { createTokenManager } from '../token/manager.ts';
import { createServiceClient } from './client.ts';
import { createUpstream } from './upstream.ts';

type Bytes = Buffer;
type Answer = (metadata: Metadata, count: number) => number;

const EMPTY = Buffer.alloc(0);
const asIs = (bytes: Bytes): Bytes => bytes;
const METHODS = ['GetPost', 'CreatePost'].map((name) => `/gatehouse.board.v1.BoardService/${name}`);

/** A server that answers each call with a status, and a client of it whose token is counted. */
async function setUp(t: TestContext, answer: Answer) {
  const authority = await createTestAuthority();
  const folder = await authority.folderFor('board');
  const read = (name: string) => readFileSync(join(folder, name));
  const [key, chain, bundle] = [read('key.pem'), read('chain.pem'), read('bundle.pem')];
  const pair = [{ private_key: key, cert_chain: chain }];
  const server = new Server();
  const calls: Metadata[] = [];
  const handle = ({ metadata }: ServerUnaryCall<Bytes, Bytes>, done: sendUnaryData<Bytes>) => {
    calls.push(metadata);
    const code = answer(metadata, calls.length);
    if (code === status.OK) done(null, EMPTY);
    else done({ code, details: 'no' });
  };
  for (const path of METHODS) server.register<Bytes, Bytes>(path, handle, asIs, asIs, 'unary');
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = ServerCredentials.createSsl(bundle, pair, true);
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  let issued = 0;
  const tokens = createTokenManager({
    fetchToken: async () => {
      issued += 1;
      return { token: `token-${issued}`, lifeMs: 300_000 };
    },
  });
  const upstream = createUpstream({
    addresses: [`localhost:${port}`],
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls: {
      connectOptions: () => ({
        key,
        cert: chain,
        ca: bundle,
        checkServerIdentity: () => undefined,
      }),
    },
    tracer: trace.getTracer('test'),
    tokens,
  });
  t.after(async () => {
    upstream.close();
    server.forceShutdown();
    tokens.close();
    await authority.close();
  });
  const board = createServiceClient(BoardService, upstream);
  return { board, calls, issued: () => issued };
}

const tokenIn = (metadata: Metadata | undefined) => metadata?.get('authorization')[0];

test('a call carries the token, and one that was refused for it is retried once with another', async (t) => {
  const { board, calls, issued } = await setUp(t, (metadata) =>
    tokenIn(metadata) === 'Bearer token-2' ? status.OK : status.UNAUTHENTICATED,
  );
  await withPassport('p-1', () => board.createPost({ title: 'T' }, { idempotencyKey: 'k-1' }));
  assert.deepEqual(calls.map(tokenIn), ['Bearer token-1', 'Bearer token-2']);
  assert.deepEqual(calls[1]?.get('txn-token'), ['p-1']);
  assert.deepEqual(calls[1]?.get('idempotency-key'), ['k-1']);
  await board.createPost({ title: 'T' }, { passport: 'p-2' });
  assert.deepEqual([calls.length, issued()], [3, 2]);
});

test('a refusal that stays is the answer, and costs one token', async (t) => {
  const { board, calls, issued } = await setUp(t, () => status.UNAUTHENTICATED);
  for (let i = 0; i < 5; i += 1) {
    await assert.rejects(board.getPost({ postId: 'p' }, { passport: 'p' }));
  }
  assert.deepEqual([calls.length, issued()], [6, 2]);
});

test('a call that needs a passport does not leave without one', async (t) => {
  const { board, calls, issued } = await setUp(t, () => status.OK);
  await assert.rejects(board.getPost({ postId: 'p' }), { code: 'client.passport_missing' });
  assert.deepEqual([calls.length, issued()], [0, 0]);
});

test('a target that fails is left alone, and answers that blame the caller count as good', async (t) => {
  let code = status.NOT_FOUND;
  const { board, calls } = await setUp(t, () => code);
  const call = () => board.createPost({ title: 'T' }, { passport: 'p' });
  for (let i = 0; i < 20; i += 1) await assert.rejects(call());
  code = status.UNAVAILABLE;
  for (let i = 0; i < 20; i += 1) await assert.rejects(call(), { code: 'common.unavailable' });
  await assert.rejects(call(), { code: 'client.circuit_open' });
  assert.equal(calls.length, 40);
});
