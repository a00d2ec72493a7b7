import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { PlatformError } from '../errors.ts';
import { freePort } from './fixtures/parts.ts';
import { assertPortsFree, holderOf } from './ports.ts';

test('a port in use is an error that names the port, what needs it, what has it, and the remedy', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const error = await assertPortsFree([
    { port: await freePort(), neededBy: 'board (grpc)' },
    { port: address.port, neededBy: 'gateway (http)' },
  ]).then(
    () => assert.fail('the port is taken'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof PlatformError);
  assert.match(error.message, new RegExp(`^Port ${address.port}, needed by gateway \\(http\\)`));
  assert.doesNotMatch(error.message, /board/);
  assert.match(error.remedy, /--port-offset/);
  if (process.platform === 'linux') {
    assert.match(error.message, new RegExp(`pid ${process.pid} \\(`));
    assert.equal(holderOf(address.port)?.pid, process.pid);
  }
});

test('free ports pass, and stay free', async () => {
  const uses = [{ port: await freePort(), neededBy: 'board (grpc)' }];
  await assertPortsFree(uses);
  await assertPortsFree(uses);
});
