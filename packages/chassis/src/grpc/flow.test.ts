/** What goes on by itself from a call that is served into the calls that it makes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServiceClient, createUpstream, type ServiceClient } from '@gatehouse/client/grpc';
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
import { trace } from '@opentelemetry/api';
import { TlsFiles } from '../tls/tls-files.ts';
import type { Call } from './call.ts';

const issuer = createTestIssuer();
const passports = issuer.gate();
let authority: TestAuthority;
let board: TestService;
let caller: TestService;
let user: ServiceClient<typeof UserService>;
let close: () => void;
let seen: Call[] = [];
/** How the one in the middle calls the board. */
let callOn: (client: ServiceClient<typeof BoardService>) => Promise<unknown>;

before(async () => {
  authority = await createTestAuthority();
  board = await startTestService({
    name: 'board',
    authority,
    build: async () => ({
      passports,
      implementations: [
        implementPartly(BoardService, {
          getPost: (_request, call) => {
            seen.push(call);
            return { postId: 'p' };
          },
        }),
      ],
    }),
  });
  // Whom the board's rules let call.
  caller = await startTestService({
    name: 'gateway',
    authority,
    env: { GATEHOUSE_UPSTREAMS: `board=localhost:${board.grpcPort}` },
    build: async (context) => {
      const client = context.client(BoardService);
      return {
        passports,
        implementations: [
          implementPartly(UserService, {
            getMe: async () => {
              await callOn(client);
              return {};
            },
          }),
        ],
      };
    },
  });
  const upstream = createUpstream({
    addresses: [`localhost:${caller.grpcPort}`],
    serverSpiffeId: 'spiffe://gatehouse.local/gateway',
    tls: new TlsFiles(await authority.folderFor('gateway')),
    tracer: trace.getTracer('test'),
  });
  close = () => upstream.close();
  user = createServiceClient(UserService, upstream);
});

after(async () => {
  close();
  await caller.close();
  await board.close();
  await authority.close();
});

const passportOf = () => issuer.passport({ scope: 'board:read user:read' });

test('the passport goes on unmodified, also over a timer', async () => {
  seen = [];
  callOn = async (client) => {
    await client.getPost({ postId: 'p' });
    await new Promise((resolve, reject) => {
      setTimeout(() => {
        client.getPost({ postId: 'p' }).then(resolve, reject);
      }, 1);
    });
  };
  const passport = passportOf();
  await user.getMe({}, { passport });
  assert.deepEqual(
    seen.map(({ passportToken }) => passportToken),
    [passport, passport],
  );
});

test('calls for different people that overlap keep their passports apart', async () => {
  seen = [];
  callOn = (client) => client.getPost({ postId: 'p' });
  const all = Array.from({ length: 30 }, passportOf);
  await Promise.all(all.map((passport) => user.getMe({}, { passport })));
  assert.deepEqual(seen.map(({ passportToken }) => passportToken).toSorted(), all.toSorted());
});

test('the time that the caller leaves bounds the call, whatever it asks for itself', async () => {
  seen = [];
  callOn = (client) => client.getPost({ postId: 'p' }, { timeoutMs: 60_000 });
  const startedMs = Date.now();
  await user.getMe({}, { passport: passportOf(), timeoutMs: 3_000 });
  const [call] = seen;
  const leftMs = (call?.deadlineMs ?? Number.POSITIVE_INFINITY) - startedMs;
  assert.ok(leftMs <= 3_100, `${leftMs} ms`);
});

test('a call that is made when the time is over does not leave', async () => {
  seen = [];
  const outcome = Promise.withResolvers<unknown>();
  callOn = async (client) => {
    await new Promise((resolve) => setTimeout(resolve, 120));
    outcome.resolve(await client.getPost({ postId: 'p' }).catch((error: unknown) => error));
  };
  await assert.rejects(user.getMe({}, { passport: passportOf(), timeoutMs: 100 }), {
    code: 'common.deadline',
  });
  assert.equal(((await outcome.promise) as { code?: string }).code, 'common.deadline');
  assert.equal(seen.length, 0);
});
