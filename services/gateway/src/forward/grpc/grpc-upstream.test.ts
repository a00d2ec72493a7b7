/** Which endpoint gets a request, against endpoints that only count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStatus } from '@gatehouse/client/grpc';
import { commonErrors, defineErrors } from '@gatehouse/errors';
import { createTestClock } from '@gatehouse/testing';
import { edgeErrors } from '../../errors.ts';
import { frameMessage } from './grpc-frame.ts';
import type { RawResponse } from './grpc-response.ts';
import { type GrpcEndpoint, GrpcUpstream } from './grpc-upstream.ts';
import { NotProcessed } from './not-processed.ts';

const sample = defineErrors('sample', { BUSY: ['UNAVAILABLE', 'Later.'] });

// Node gives `:status` as a number, whatever its type of headers says.
const HEADERS: Record<string, unknown> = { ':status': 200, 'content-type': 'application/grpc' };
const ANSWER: RawResponse = {
  headers: HEADERS as RawResponse['headers'],
  trailers: { 'grpc-status': '0' },
  body: frameMessage(Buffer.from('ok')),
};

function refusal(code: string): RawResponse {
  const error = sample.BUSY();
  const details = encodeStatus(Object.assign(error, { code }));
  const trailers = {
    'grpc-status': '14',
    'grpc-status-details-bin': Buffer.from(details).toString('base64'),
  };
  return { ...ANSWER, trailers, body: Buffer.alloc(0) };
}

class CountingEndpoint implements GrpcEndpoint {
  up = true;
  usable = true;
  warmed = 0;
  calls = 0;
  answer: () => Promise<RawResponse> = async () => ANSWER;

  warm(): void {
    if (!this.up) this.warmed += 1;
  }
  send(): Promise<RawResponse> {
    this.calls += 1;
    return this.answer();
  }
  async close(): Promise<void> {}
}

function setUp(count: number) {
  const all = Array.from({ length: count }, () => new CountingEndpoint());
  const upstream = new GrpcUpstream(all, createTestClock());
  const send = async (options: { safe?: boolean; signal?: AbortSignal } = {}) => {
    const { safe = false, signal = new AbortController().signal } = options;
    const request = { headers: {}, body: Buffer.alloc(0), limitBytes: 1_000, signal };
    return Buffer.from(await upstream.send(request, { safe })).toString();
  };
  return { all, send, calls: () => all.map(({ calls }) => calls) };
}

const lost = async () => {
  throw edgeErrors.UPSTREAM_AWAY();
};
const refused = async () => {
  throw new NotProcessed('refused');
};

test('no request waits for a connection while another endpoint has one', async () => {
  const { all, send, calls } = setUp(2);
  const [first] = all;
  assert.ok(first);
  first.up = false;
  for (let i = 0; i < 5; i += 1) await send();
  assert.deepEqual(calls(), [0, 5]);
  assert.equal(first.warmed, 5);
});

test('with no connection at all, an endpoint that may be tried is', async () => {
  const { all, send, calls } = setUp(2);
  for (const endpoint of all) endpoint.up = false;
  assert.equal(await send(), 'ok');
  assert.deepEqual(calls(), [1, 0]);
});

test('what was not processed goes to another endpoint, whatever it is', async () => {
  for (const answer of [refused, async () => refusal('access.passport_unchecked')]) {
    const { all, send, calls } = setUp(2);
    const [first] = all;
    assert.ok(first);
    first.answer = answer;
    for (let i = 0; i < 4; i += 1) assert.equal(await send(), 'ok');
    assert.deepEqual(calls(), [2, 4]);
  }
});

test('a lost answer sends a safe request to another endpoint, once, and no other request', async () => {
  const { all, send, calls } = setUp(3);
  for (const endpoint of all) endpoint.answer = lost;
  await assert.rejects(send(), { code: 'gateway.upstream_away' });
  assert.deepEqual(calls(), [1, 0, 0]);
  await assert.rejects(send({ safe: true }), { code: 'gateway.upstream_away' });
  assert.equal(
    calls().reduce((sum, count) => sum + count),
    3,
  );
});

test('retries of what may have been processed end with the budget', async () => {
  const { all, send, calls } = setUp(2);
  for (const endpoint of all) endpoint.answer = lost;
  for (let i = 0; i < 100; i += 1) await send({ safe: true }).catch(() => undefined);
  const sent = calls().reduce((sum, count) => sum + count);
  assert.equal(sent, 100 + 10 + 20, 'ten to begin with, and a fifth');
});

test('what the service said is told, not that its other replica is unreachable', async () => {
  const { all, send } = setUp(2);
  for (const [index, endpoint] of all.entries()) {
    endpoint.answer = index === 0 ? async () => refusal('sample.busy') : refused;
  }
  await assert.rejects(send({ safe: true }), { code: 'sample.busy' });
});

test('an endpoint that is late five times in a row gets nothing while another is there', async () => {
  const { all, send, calls } = setUp(2);
  const [hung] = all;
  assert.ok(hung);
  for (let i = 0; i < 10; i += 1) {
    const deadline = new AbortController();
    hung.answer = async () => {
      deadline.abort(commonErrors.DEADLINE());
      throw deadline.signal.reason;
    };
    await send({ signal: deadline.signal }).catch(() => undefined);
  }
  assert.deepEqual(calls(), [5, 5]);
  for (let i = 0; i < 5; i += 1) await send();
  assert.deepEqual(calls(), [5, 10]);
});
