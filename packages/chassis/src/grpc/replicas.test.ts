/** A client and the copies of the service that it calls. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createServiceClient, createUpstream } from '@gatehouse/client/grpc';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { defineErrors } from '@gatehouse/errors';
import {
  createTestAuthority,
  createTestClock,
  createTestIssuer,
  implementPartly,
  startTestService,
} from '@gatehouse/testing';
import { KeysUnavailableError } from '@gatehouse/tokens';
import { trace } from '@opentelemetry/api';
import { TlsFiles } from '../tls/tls-files.ts';
import type { PassportGate } from '../trust/gates.ts';
import type { Handlers } from './call.ts';

const { BUSY } = defineErrors('copiestest', { BUSY: ['UNAVAILABLE', 'Later.'] });
const WARM_MS = 10_000;

type BoardHandlers = Partial<Handlers<typeof BoardService>>;

interface CopySketch {
  readonly board?: BoardHandlers;
  readonly passports?: PassportGate;
}

/** Copies of the board, each of which answers with its number, and a client of all of them. */
async function setUp(t: TestContext, ...sketches: readonly CopySketch[]) {
  const authority = await createTestAuthority();
  const issuer = createTestIssuer();
  const calls = sketches.map(() => 0);
  const copies = await Promise.all(
    sketches.map(({ board = {}, passports = issuer.gate() }, index) => {
      const answer = () => {
        calls[index] = (calls[index] ?? 0) + 1;
        return { postId: String(index) };
      };
      const build = async () => ({
        passports,
        implementations: [
          implementPartly(BoardService, { getPost: answer, createPost: answer, ...board }),
        ],
      });
      return startTestService({ name: 'board', authority, build });
    }),
  );
  const clock = createTestClock();
  const upstream = createUpstream({
    addresses: copies.map(({ grpcPort }) => `localhost:${grpcPort}`),
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls: new TlsFiles(await authority.folderFor('gateway')),
    tracer: trace.getTracer('test'),
    clock,
  });
  t.after(async () => {
    upstream.close();
    await Promise.all(copies.map((copy) => copy.close()));
    await authority.close();
  });
  const client = createServiceClient(BoardService, upstream);
  const options = () => ({ passport: issuer.passport({ scope: 'board:read board:write' }) });
  const read = async () => (await client.getPost({ postId: 'p' }, options())).postId;
  const write = async () =>
    (await client.createPost({ title: 'title', body: 'body' }, options())).postId;
  /** Calls until every copy has answered, so that all are connected and have their whole share. */
  const warmUp = async () => {
    while (calls.includes(0)) await read();
    clock.advance(WARM_MS);
  };
  return { copies, calls, read, write, warmUp };
}

test('copies share the calls', async (t) => {
  const { calls, read, warmUp } = await setUp(t, {}, {});
  await warmUp();
  calls.fill(0);
  for (let i = 0; i < 10; i += 1) await read();
  assert.deepEqual(calls, [5, 5]);
});

test('no call fails when a copy stops, whatever it is', async (t) => {
  const { copies, read, write, warmUp } = await setUp(t, {}, {});
  await warmUp();
  await copies[0]?.close();
  for (let i = 0; i < 6; i += 1) assert.deepEqual([await read(), await write()], ['1', '1']);
});

test('a safe call goes to another copy when one is unavailable; any other fails', async (t) => {
  const busy = () => {
    throw BUSY();
  };
  const { calls, read, write } = await setUp(t, { board: { getPost: busy, createPost: busy } }, {});
  while (calls[1] === 0) await read();
  for (let i = 0; i < 6; i += 1) assert.equal(await read(), '1');
  const writes = await Promise.allSettled(Array.from({ length: 40 }, write));
  const failed = writes.filter(({ status }) => status === 'rejected').length;
  assert.ok(failed < writes.length, 'none went to the copy that works');
});

test('a copy that has no keys yet has done nothing: every call may go to another', async (t) => {
  const noKeys: PassportGate = {
    revocationsStale: false,
    verify: async () => {
      throw new KeysUnavailableError(1);
    },
  };
  const { read, write } = await setUp(t, { passports: noKeys }, {});
  for (let i = 0; i < 6; i += 1) assert.deepEqual([await read(), await write()], ['1', '1']);
});

test('with every copy away, a call fails as unavailable', async (t) => {
  const { copies, read, write, warmUp } = await setUp(t, {}, {});
  await warmUp();
  await Promise.all(copies.map((copy) => copy.close()));
  await assert.rejects(read(), { kind: 'UNAVAILABLE' });
  await assert.rejects(write(), { kind: 'UNAVAILABLE' });
});
