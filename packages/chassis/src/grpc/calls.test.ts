/** What a call may meet once it is admitted: fields, errors, deadlines. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { MutualTlsChannelCredentials, type ServiceClient } from '@gatehouse/client/grpc';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { defineErrors, GatehouseError } from '@gatehouse/errors';
import { implementPartly } from '@gatehouse/testing';
import { Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type Rig, startRig } from '../test-support/rig.ts';
import type { Handlers } from './call.ts';
import { MAX_RECEIVE_BYTES } from './server.ts';

const BOARD_ID = 'spiffe://gatehouse.local/board';
// In two parts, or it would look like a secret of ours.
const SECRET = ['postgres://u', 'hunter2@db'].join(':');
const SCOPE = 'board:read board:write';

const errors = defineErrors('callstest', { FULL: ['RESOURCE_EXHAUSTED', 'The shelf is full.'] });

let board: Partial<Handlers<typeof BoardService>> = {};
let rig: Rig;
let client: ServiceClient<typeof BoardService>;

before(async () => {
  const now: Handlers<typeof BoardService>['getPost'] = (request, call) => {
    assert.ok(board.getPost);
    return board.getPost(request, call);
  };
  const implementation = implementPartly(BoardService, {
    getPost: now,
    createPost: () => ({ postId: 'pst_1' }),
  });
  rig = await startRig({ implementations: [implementation] });
  client = rig.client(BoardService);
});

after(() => rig.close());

const passport = (): string => rig.issuer.passport({ scope: SCOPE });

test('a message that breaks its field rules names each member as JSON does', async () => {
  await assert.rejects(
    client.createPost({ title: '', body: 'x'.repeat(20_001) }, { passport: passport() }),
    (error) => {
      assert.ok(error instanceof GatehouseError);
      assert.equal(error.code, 'common.invalid_input');
      assert.deepEqual(error.fields.map(({ pointer }) => pointer).sort(), ['/body', '/title']);
      assert.match(error.fields[0]?.detail ?? '', /at least 1 character|at most 20000 character/);
      return true;
    },
  );
  await assert.rejects(client.getPost({ postId: '' }, { passport: passport() }), (error) => {
    assert.ok(error instanceof GatehouseError);
    assert.deepEqual(
      error.fields.map(({ pointer }) => pointer),
      ['/postId'],
    );
    return true;
  });
});

test('bytes that are no message of the method are INVALID_ARGUMENT', async () => {
  assert.equal((await raw(Buffer.from([0xff, 0xff, 0xff]), passport())).code, 3);
});

test('a message above the limit is refused', async () => {
  assert.equal((await raw(Buffer.alloc(MAX_RECEIVE_BYTES + 1), passport())).code, 8);
});

test('a method that the contract has not is UNIMPLEMENTED', async () => {
  const path = '/gatehouse.board.v1.BoardService/Burn';
  assert.equal((await raw(Buffer.alloc(0), passport(), path)).code, 12);
});

test('an error of ours arrives with kind, code, message and retry', async () => {
  board = {
    getPost: () => {
      throw errors.FULL({ retryAfterSeconds: 7, cause: new Error(SECRET) });
    },
  };
  await assert.rejects(client.getPost({ postId: 'p' }, { passport: passport() }), (error) => {
    assert.ok(error instanceof GatehouseError);
    const { kind, code, message, retryAfterSeconds, cause } = error;
    assert.deepEqual(
      { kind, code, message, retryAfterSeconds, cause },
      {
        kind: 'RESOURCE_EXHAUSTED',
        code: 'callstest.full',
        message: 'The shelf is full.',
        retryAfterSeconds: 7,
        cause: undefined,
      },
    );
    return true;
  });
});

test('an unexpected error is INTERNAL, shows nothing of itself, and is logged once', async () => {
  board = { getPost: () => Promise.reject(new TypeError(SECRET)) };
  const status = await raw(Buffer.from([0x0a, 1, 0x70]), passport());
  assert.equal(status.code, 13);
  assert.ok(!JSON.stringify(status.metadata.toJSON()).includes('hunter2'));
  assert.ok(!status.details.includes('hunter2'));
  const logged = rig.service.logLines.filter((line) => line.includes('hunter2'));
  assert.equal(logged.length, 1);
  const line = JSON.parse(logged[0] ?? '') as Record<string, unknown>;
  assert.match(String(line.traceId), /^[0-9a-f]{32}$/);
});

test('a deadline aborts the handler and is DEADLINE_EXCEEDED', async () => {
  const aborted = Promise.withResolvers<void>();
  board = {
    getPost: async (_request, { signal }) => {
      await once(signal, 'abort');
      aborted.resolve();
      return {};
    },
  };
  await assert.rejects(client.getPost({ postId: 'p' }, { passport: passport(), timeoutMs: 300 }), {
    code: 'common.deadline',
  });
  await aborted.promise;
});

test('a caller that cancels aborts the handler', async () => {
  const started = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  board = {
    getPost: async (_request, { signal }) => {
      started.resolve();
      await once(signal, 'abort');
      aborted.resolve();
      return {};
    },
  };
  const cancel = new AbortController();
  const call = client.getPost({ postId: 'p' }, { passport: passport(), signal: cancel.signal });
  await started.promise;
  cancel.abort();
  await assert.rejects(call, { code: 'common.cancelled' });
  await aborted.promise;
});

/** Calls beneath the typed client. @returns the status as it came. */
async function raw(
  body: Buffer,
  token: string,
  path = '/gatehouse.board.v1.BoardService/GetPost',
): Promise<ServiceError> {
  const credentials = new MutualTlsChannelCredentials(rig.tls, BOARD_ID);
  const plain = new Client(`localhost:${rig.service.grpcPort}`, credentials);
  const metadata = new Metadata();
  metadata.set('txn-token', token);
  const asIs = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + 20_000 };
      const done = (error: ServiceError | null): void => {
        if (error === null) reject(new Error('the call succeeded'));
        else resolve(error);
      };
      plain.makeUnaryRequest(path, asIs, asIs, body, metadata, options, done);
    });
  } finally {
    plain.close();
  }
}
