/** Connections that are kept, and what becomes of requests when the other side closes them. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { StreamBody } from '@gatehouse/wire';
import {
  onHeads,
  rawServer,
  request,
  send,
  settings,
  TIMEOUTS,
  turns,
  until,
  upstreamsAt,
} from './test-support/upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const post = (text = 'hello') =>
  request({
    method: 'POST',
    body: { source: new StreamBody(Readable.from([Buffer.from(text)])), length: text.length },
  });

test('an upstream that closes each connection when it is used again: no safe request fails', async (t) => {
  const server = await rawServer(t, (socket) => {
    let answered = 0;
    onHeads(socket, () => {
      answered += 1;
      // Read, and closed without a word: the request met the close on its way.
      if (answered > 1) socket.destroy();
      else socket.write(OK);
    });
  });
  const { client } = upstreamsAt(t, settings([server.port]));
  for (let round = 0; round < 3000; round += 1) {
    const outcome = await send(client, request({ target: `/${round}` })).done;
    assert.equal(outcome.body, 'ok', `round ${round}: ${outcome.error?.code}`);
  }
});

test('an upstream that closes at a time of its own: no request at all fails', async (t) => {
  const server = await rawServer(t, (socket, index) => {
    onHeads(socket, () => {
      socket.write(OK);
      // Behind the answer, so that it may come before, with or after the next use.
      if (index % 3 === 0) socket.end();
      if (index % 3 === 1) setImmediate(() => socket.end());
      if (index % 3 === 2) setTimeout(() => socket.end(), index % 5);
    });
  });
  const { client } = upstreamsAt(t, settings([server.port]));
  for (let round = 0; round < 3000; round += 1) {
    await turns(round % 4);
    const outcome = await send(client).done;
    assert.equal(outcome.body, 'ok', `round ${round}: ${outcome.error?.code}`);
  }
});

test('a request that may have had an effect is not sent again', async (t) => {
  let received = 0;
  const server = await rawServer(t, (socket) => {
    let answered = 0;
    onHeads(socket, () => {
      answered += 1;
      received += 1;
      if (answered > 1) socket.destroy();
      else socket.write(OK);
    });
  });
  const { client } = upstreamsAt(t, settings([server.port]));
  const unsafe = () => send(client, request({ method: 'DELETE' })).done;
  assert.equal((await unsafe()).body, 'ok');
  assert.equal((await unsafe()).error?.code, 'gateway.upstream_away');
  assert.equal(received, 2);
});

test('after a second without use, a request that cannot be repeated gets a new connection', async (t) => {
  const server = await rawServer(t, (socket) => onHeads(socket, () => socket.write(OK)));
  const { client, pass } = upstreamsAt(t, settings([server.port]));
  const unsafe = () => send(client, request({ method: 'DELETE' })).done;
  await unsafe();
  pass(900);
  await unsafe();
  assert.equal(server.sockets.length, 1);
  pass(1000);
  await unsafe();
  assert.equal(server.sockets.length, 2);
  pass(1000);
  await send(client).done;
  assert.equal(server.sockets.length, 2, 'a safe one takes the old connection');
});

test('such a request sees first whether its connection was closed, and then goes on another', async (t) => {
  const server = await rawServer(t, (socket) => onHeads(socket, () => socket.write(OK)));
  const { client, pass } = upstreamsAt(t, settings([server.port]));
  for (let round = 0; round < 50; round += 1) {
    await send(client).done;
    pass(60);
    server.sockets.at(-1)?.end();
    // The end lies in the kernel, and was not read yet.
    const outcome = await send(client, request({ method: 'DELETE' })).done;
    assert.equal(outcome.body, 'ok', `round ${round}: ${outcome.error?.code}`);
    pass(5000);
  }
});

test('an idle connection is given up in time: keepAliveMs, or before the upstream would', async (t) => {
  let hint = '';
  const server = await rawServer(t, (socket) => {
    onHeads(socket, () => socket.write(OK.replace('\r\n\r\n', `\r\n${hint}\r\n`)));
  });
  const { client, pass, addresses } = upstreamsAt(
    t,
    settings([server.port], { keepAliveMs: 9000 }),
  );
  const idleFor = async (ms: number): Promise<number | undefined> => {
    await send(client).done;
    pass(ms);
    const idle = addresses()[0]?.idleConnections;
    pass(60_000);
    return idle;
  };
  assert.equal(await idleFor(8900), 1);
  assert.equal(await idleFor(9000), 0);
  hint = 'Keep-Alive: timeout=5, max=100\r\n';
  assert.equal(await idleFor(3900), 1);
  assert.equal(await idleFor(4000), 0);
  hint = 'Keep-Alive: timeout=1\r\n';
  assert.equal(await idleFor(0), 0);
  hint = 'Keep-Alive: timeout=600\r\n';
  assert.equal(await idleFor(9000), 0);
});

test('one more than the connections waits for its turn; who waits too long is told', async (t) => {
  const answers: (() => void)[] = [];
  const server = await rawServer(t, (socket) => {
    onHeads(socket, () => answers.push(() => socket.write(OK)));
  });
  const wanted = settings([server.port], { maxConnectionsPerAddress: 2 });
  const { client, pass, addresses } = upstreamsAt(t, wanted);
  const sent = [send(client), send(client), send(client)];
  await until(() => answers.length === 2);
  assert.deepEqual([addresses()[0]?.inFlight, addresses()[0]?.waiting], [3, 1]);
  answers[0]?.();
  await until(() => answers.length === 3);
  answers[1]?.();
  answers[2]?.();
  for (const { done } of sent) assert.equal((await done).body, 'ok');
  assert.equal(server.sockets.length, 2);
  const patient = { ...TIMEOUTS, firstByteMs: 60_000 };
  const stuck = [0, 1, 2].map(() => send(client, request({ timeouts: patient })));
  await until(() => answers.length === 5);
  pass(TIMEOUTS.connectMs - 1);
  assert.equal(stuck[2]?.outcome.error, undefined);
  pass(1);
  assert.equal((await stuck[2]?.done)?.error?.code, 'gateway.upstream_busy');
  for (const { exchange } of stuck) exchange.abort();
  assert.equal(addresses()[0]?.inFlight, 0);
});

test('too many do not even wait', async (t) => {
  const server = await rawServer(t, () => undefined);
  const { client } = upstreamsAt(t, settings([server.port], { maxConnectionsPerAddress: 1 }));
  const sent = Array.from({ length: 1026 }, () => send(client));
  assert.equal(sent[1024]?.outcome.error?.code, 'gateway.upstream_busy');
  for (const { exchange } of sent) exchange.abort();
});

test('where all connections are idle but too old, one makes way', async (t) => {
  const server = await rawServer(t, (socket) => onHeads(socket, () => socket.write(OK)));
  const wanted = settings([server.port], { maxConnectionsPerAddress: 1 });
  const { client, pass } = upstreamsAt(t, wanted);
  await send(client).done;
  pass(2000);
  assert.equal((await send(client, request({ method: 'DELETE' })).done).body, 'ok');
  assert.equal(server.sockets.length, 2);
});

test('aborted while it waits, a request leaves nothing behind', async (t) => {
  const server = await rawServer(t, () => undefined);
  const wanted = settings([server.port], { maxConnectionsPerAddress: 1 });
  const { client, addresses } = upstreamsAt(t, wanted);
  const sent = [send(client), send(client), send(client, request({ upgrade: 'websocket' }))];
  assert.equal(sent[2]?.outcome.error?.code, 'gateway.upstream_busy');
  for (const { exchange } of sent) exchange.abort();
  await until(() => addresses()[0]?.openConnections === 0);
  const upgrade = send(client, request({ upgrade: 'websocket' }));
  assert.deepEqual([addresses()[0]?.waiting, addresses()[0]?.openConnections], [1, 1]);
  upgrade.exchange.abort();
  assert.deepEqual([addresses()[0]?.waiting, addresses()[0]?.openConnections], [0, 0]);
});

test('a body that was begun is not sent again, one that was not is', async (t) => {
  const good = await rawServer(t, (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.endsWith('hello')) socket.write(OK);
    });
  });
  const dead = await rawServer(t, () => undefined);
  await dead.close();
  const { client } = upstreamsAt(t, settings([dead.port, good.port]));
  for (let round = 0; round < 10; round += 1) {
    assert.equal((await send(client, post()).done).body, 'ok');
  }
});
