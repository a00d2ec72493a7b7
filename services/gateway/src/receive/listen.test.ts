import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listen } from './listen.ts';

test('a connection that the system could not give is counted, and ends nothing', async (t) => {
  const refused: string[] = [];
  const server = createServer();
  t.after(() => server.close());
  const onConnectionRefused = (refusal: string): void => void refused.push(refusal);
  assert.ok((await listen(server, { host: '127.0.0.1', port: 0, onConnectionRefused })) > 0);
  server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  assert.deepEqual(refused, ['system']);
});

test('a port that is taken is an error', async (t) => {
  const first = createServer();
  t.after(() => first.close());
  const port = await listen(first, { host: '127.0.0.1', port: 0 });
  await assert.rejects(listen(createServer(), { host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
});
