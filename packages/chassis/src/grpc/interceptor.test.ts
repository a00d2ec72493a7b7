/** Interceptors: their order, what they see, and what becomes of what they throw, on calls and streams. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { defineErrors } from '@gatehouse/errors';
import { implementPartly } from '@gatehouse/testing';
import { codeOf } from '../test-support/outcome.ts';
import { startRig } from '../test-support/rig.ts';
import type { Interceptor } from './interceptor.ts';

const { CLOSED } = defineErrors('interceptortest', { CLOSED: ['RESOURCE_EXHAUSTED', 'Closed.'] });

async function setUp(...interceptors: readonly Interceptor[]) {
  const handled: string[] = [];
  const rig = await startRig({
    interceptors,
    implementations: [
      implementPartly(BoardService, {
        getPost: async ({ postId }) => {
          handled.push(postId);
          return { postId };
        },
      }),
      implementPartly(AuthService, {
        watchAccessChanges: async function* () {
          for (const position of [1n, 2n]) {
            handled.push(`${position}`);
            yield { position };
          }
        },
      }),
    ],
  });
  const board = rig.client(BoardService);
  const passport = rig.issuer.passport({ scope: 'board:read' });
  const get = (options = { passport }) => codeOf(board.getPost({ postId: 'p' }, options));
  const watch = async () => {
    const seen: bigint[] = [];
    const stream = async () => {
      for await (const { position } of rig.client(AuthService).watchAccessChanges({})) {
        seen.push(position);
      }
    };
    return [await codeOf(stream()), ...seen.map(String)];
  };
  return { ...rig, handled, get, watch };
}

test('they run in order, around the handler, with the contract and the subject of the call', async (t) => {
  const seen: string[] = [];
  const note =
    (name: string): Interceptor =>
    async ({ method, caller, subject }, next) => {
      seen.push(`${name} ${method.desc.localName} ${caller.split('/').at(-1)} ${subject.kind}`);
      await next();
      seen.push(`${name} after ${handled.length}`);
    };
  const { get, watch, handled, close } = await setUp(note('outer'), note('inner'));
  t.after(close);
  assert.equal(await get(), 'ok');
  assert.deepEqual(seen.splice(0), [
    'outer getPost gateway person',
    'inner getPost gateway person',
    'inner after 1',
    'outer after 1',
  ]);
  assert.deepEqual(await watch(), ['ok', '1', '2']);
  assert.deepEqual(seen, [
    'outer watchAccessChanges gateway none',
    'inner watchAccessChanges gateway none',
    'inner after 3',
    'outer after 3',
  ]);
});

test('a coded error before next keeps the handler from running, and goes to the caller', async (t) => {
  const { get, watch, handled, close } = await setUp(async () => {
    throw CLOSED();
  });
  t.after(close);
  assert.equal(await get(), 'RESOURCE_EXHAUSTED interceptortest.closed');
  assert.deepEqual(await watch(), ['RESOURCE_EXHAUSTED interceptortest.closed']);
  assert.deepEqual(handled, []);
});

test('a coded error after next takes the place of a response; what a stream has sent stays', async (t) => {
  const { get, watch, close } = await setUp(async (_call, next) => {
    await next();
    throw CLOSED();
  });
  t.after(close);
  assert.equal(await get(), 'RESOURCE_EXHAUSTED interceptortest.closed');
  assert.deepEqual(await watch(), ['RESOURCE_EXHAUSTED interceptortest.closed', '1', '2']);
});

test('a call that fails a check never gets to them', async (t) => {
  let asked = 0;
  const { get, issuer, close } = await setUp(async (_call, next) => {
    asked += 1;
    await next();
  });
  t.after(close);
  const passport = issuer.passport({ scope: 'user:read' });
  assert.equal(await get({ passport }), 'PERMISSION_DENIED access.scope');
  assert.equal(asked, 0);
});

test('one that forgets next, swallows its error or calls it twice fails the call as internal', async (t) => {
  const wrong: readonly Interceptor[] = [
    async () => undefined,
    async (_call, next) => {
      await next();
      await next();
    },
  ];
  for (const interceptor of wrong) {
    const { get, logLines, close } = await setUp(interceptor);
    t.after(close);
    assert.equal(await get(), 'INTERNAL common.internal');
    assert.ok(logLines.some((line) => line.includes('an interceptor')));
  }
});
