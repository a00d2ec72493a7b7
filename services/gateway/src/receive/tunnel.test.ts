import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { failureOf, problemAnswer } from '../transcode/problem.ts';
import { createNodeHttpReceiver } from './node-http.ts';

test('a CONNECT behind a request in flight is not answered in its place', async (t) => {
  const receiver = createNodeHttpReceiver({
    host: '127.0.0.1',
    port: 0,
    // The first request is never answered: whatever comes is the answer to the second.
    handle: async ({ method }) =>
      method === 'CONNECT'
        ? { status: 501, headers: {}, body: Buffer.from('refused') }
        : new Promise(() => {}),
    wireFault: (error) => problemAnswer(failureOf(error), 'trace'),
  });
  const port = await receiver.start();
  t.after(() => receiver.stop(0));
  const answer = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\nCONNECT b:1 HTTP/1.1\r\nHost: b\r\n\r\n'),
    );
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });
  assert.equal(answer, '');
});
