import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { failureOf, problemAnswer } from '../transcode/problem.ts';
import type { ConnectionRefusal } from './connection-limit.ts';
import { createNodeHttpReceiver } from './node-http.ts';
import type { Answer, Handler } from './seam.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

async function edge(t: TestContext, handle: Handler) {
  const refusals: ConnectionRefusal[] = [];
  const receiver = createNodeHttpReceiver({
    host: '127.0.0.1',
    port: 0,
    handle,
    wireFault: (error) => problemAnswer(failureOf(error), 'trace'),
    onConnectionRefused: (refusal) => refusals.push(refusal),
    settleMs: 0,
  });
  const port = await receiver.start();
  t.after(() => receiver.stop(0));
  return { port, refusals };
}

test('one connection cannot have any number of requests in the works', async (t) => {
  let working = 0;
  const { port, refusals } = await edge(t, () => {
    working += 1;
    return new Promise<Answer>(() => {});
  });
  const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST.repeat(2000)));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  assert.equal(working, 100);
  assert.deepEqual(refusals, ['pipeline']);
});

test('a hundred at a time are answered in their order, and then a hundred more', async (t) => {
  let served = 0;
  const { port, refusals } = await edge(t, async () => {
    served += 1;
    return { status: 200, headers: { 'x-n': String(served) } };
  });
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  const seen = () => [...text.matchAll(/x-n: (\d+)/g)].map(([, n]) => Number(n));
  for (const round of [1, 2]) {
    socket.write(REQUEST.repeat(100));
    while (seen().length < round * 100) {
      text += await new Promise<string>((resolve) =>
        socket.once('data', (d) => resolve(String(d))),
      );
    }
  }
  assert.deepEqual(
    seen(),
    Array.from({ length: 200 }, (_, index) => index + 1),
  );
  assert.deepEqual(refusals, []);
});
