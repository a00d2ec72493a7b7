import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { startLocalServer } from './local-server.ts';

test('only a name of the loopback is served, as JSON or as text, and a failure ends the connection', async (t) => {
  const server = await startLocalServer({
    host: '127.0.0.1',
    port: 0,
    respond: async ({ url }) => {
      if (url === '/text') return { status: 200, body: 'hello', contentType: 'text/plain' };
      if (url === '/fails') throw new Error('no');
      return { status: 202, body: { url } };
    },
  });
  t.after(() => server.close());
  const ask = (path: string, host: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const options = { port: server.port, host: '127.0.0.1', path, headers: { host } };
      get(options, resolve).once('error', reject);
    });
  const textOf = async (response: IncomingMessage) =>
    Buffer.concat(await response.toArray()).toString();
  for (const host of ['localhost', '127.0.0.1:80', '[::1]:9']) {
    const response = await ask('/a', host);
    assert.deepEqual([response.statusCode, await textOf(response)], [202, '{"url":"/a"}']);
  }
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
    assert.equal((await ask('/a', host)).statusCode, 403);
  }
  const text = await ask('/text', 'localhost');
  assert.deepEqual([text.headers['content-type'], await textOf(text)], ['text/plain', 'hello']);
  await assert.rejects(ask('/fails', 'localhost'), /socket hang up/);
});

test('a port that is taken is named', async (t) => {
  const options = { host: '127.0.0.1', respond: async () => ({ status: 200, body: {} }) };
  const first = await startLocalServer({ ...options, port: 0 });
  t.after(() => first.close());
  const again = startLocalServer({ ...options, port: first.port });
  await assert.rejects(again, { code: 'EADDRINUSE', message: new RegExp(`${first.port}`) });
});
