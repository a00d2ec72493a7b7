/** The default fetch, against a real server, seen through the key set that uses it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { rsaKey } from '../test-support/forge.ts';
import { toPublicJwk } from './generate.ts';
import { createRemoteKeySet, type KeySetEvent, type RemoteKeySetOptions } from './remote.ts';

const DOCUMENT = JSON.stringify({ keys: [toPublicJwk(rsaKey)] });
const JSON_HEADERS = { 'content-type': 'application/json' };

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function start(t: TestContext, url: string, options: Partial<RemoteKeySetOptions> = {}) {
  const events: KeySetEvent[] = [];
  const keySet = createRemoteKeySet({ url, onEvent: (event) => events.push(event), ...options });
  t.after(() => keySet.close());
  await keySet.start();
  return { keySet, events };
}

test('a key set is fetched', async (t) => {
  const accepted: unknown[] = [];
  const url = await serve(t, (request, response) => {
    accepted.push(request.headers.accept);
    response.writeHead(200, JSON_HEADERS).end(DOCUMENT);
  });
  const { keySet } = await start(t, url);
  assert.ok(keySet.find(rsaKey.kid));
  assert.deepEqual(accepted, ['application/jwk-set+json, application/json']);
});

test('a redirect is not followed', async (t) => {
  let followed = 0;
  const url = await serve(t, (request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/keys' }).end();
    else {
      followed++;
      response.writeHead(200, JSON_HEADERS).end(DOCUMENT);
    }
  });
  const { keySet, events } = await start(t, url);
  assert.equal(keySet.ready, false);
  assert.equal(events[0]?.type, 'failed');
  assert.equal(followed, 0);
});

test('reading stops at 256 kB, also when the server never stops', async (t) => {
  const url = await serve(t, (_request, response) => {
    response.writeHead(200, JSON_HEADERS);
    const chunk = ' '.repeat(16 * 1024);
    const send = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', send);
    send();
  });
  const { events } = await start(t, url);
  assert.match(String(events[0]?.type === 'failed' && events[0].error.message), /over 256 kB/);
});

test('a small answer that unpacks to more than 256 kB is refused', async (t) => {
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, ' '));
  const url = await serve(t, (_request, response) => {
    response.writeHead(200, { ...JSON_HEADERS, 'content-encoding': 'gzip' }).end(bomb);
  });
  const { events } = await start(t, url);
  assert.match(String(events[0]?.type === 'failed' && events[0].error.message), /over 256 kB/);
});

test('a server that never answers, or never ends its answer, fails the attempt in time', async (t) => {
  for (const listener of [
    () => {},
    (_request, response) => response.writeHead(200, JSON_HEADERS).write('{'),
  ] satisfies RequestListener[]) {
    const url = await serve(t, listener);
    const { keySet, events } = await start(t, url, { timeoutMs: 100 });
    assert.equal(keySet.ready, false);
    assert.equal(events[0]?.type, 'failed');
  }
});

test('an unavailable server is retried until it is reachable', async (t) => {
  let answers = 0;
  const url = await serve(t, (_request, response) => {
    if (++answers < 3) response.destroy();
    else response.writeHead(200, JSON_HEADERS).end(DOCUMENT);
  });
  const refreshed = Promise.withResolvers<void>();
  const { keySet } = await start(t, url, {
    onEvent: (event) => {
      if (event.type === 'refreshed') refreshed.resolve();
    },
  });
  assert.equal(keySet.ready, false);
  // The pauses are unref'd on purpose; a test has to stay alive for them.
  const alive = setInterval(() => {}, 1_000);
  await refreshed.promise;
  clearInterval(alive);
  assert.ok(keySet.ready);
});
