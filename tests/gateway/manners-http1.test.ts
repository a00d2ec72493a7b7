/** What HTTP/1.1 asks of one who stands between: over real sockets, with an upstream of sockets alone. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { type AttackedGateway, startAttackedGateway } from './support/attacked-gateway.ts';
import { type RawClient, rawClient } from './support/raw-client.ts';
import { echo } from './support/recording-upstream.ts';
import { until } from './support/until.ts';

let gateway: AttackedGateway;
let client: RawClient;

before(async () => {
  gateway = await startAttackedGateway();
});
after(() => gateway.close());
afterEach(() => {
  client.close();
  gateway.upstream.answerWith(echo);
  gateway.upstream.forget();
});

const GET = 'GET /public/a HTTP/1.1\r\nHost: edge\r\n\r\n';
const ask = async (bytes: string): Promise<RawClient> => {
  client = await rawClient(gateway.port);
  client.send(bytes);
  return client;
};

test('an answer that its upstream does not finish is broken for the client too: by length', async () => {
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.destroy());
  });
  const answer = await (await ask(GET)).ended();
  assert.doesNotMatch(answer, /content-length: 4\r\n/i);
  assert.ok(!answer.includes('200') || /content-length: 10\r\n/i.test(answer), answer);
  assert.ok(!/half\r\n0\r\n/.test(answer), 'no end that looks like one');
});

test('an answer that its upstream does not finish is broken for the client too: by chunks', async () => {
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', () =>
      socket.end(),
    );
  });
  const answer = await (await ask(GET)).ended();
  assert.ok(!answer.endsWith('0\r\n\r\n'), 'the last chunk was never sent');
});

test('an answer without a length ends with its connection, and is chunked for the client', async () => {
  gateway.upstream.answerWith((_, socket) =>
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nwhole'),
  );
  const answer = await (await ask(GET)).until((text) => text.endsWith('0\r\n\r\n'));
  assert.match(answer, /transfer-encoding: chunked\r\n/i);
  assert.match(answer, /whole/);
});

test('an upstream that dies before it answers a POST is told of as such', async () => {
  gateway.upstream.answerWith((_, socket) => socket.destroy());
  const bytes = 'POST /public/a HTTP/1.1\r\nHost: edge\r\nContent-Length: 2\r\n\r\nok';
  const answer = await (await ask(bytes)).until((text) => text.includes('\r\n\r\n'));
  assert.match(answer, /^HTTP\/1\.1 50[23] /);
  assert.equal(gateway.upstream.requests().length, 1, 'and it was not asked twice');
});

test('a client that goes away takes its request back, before and after the head', async () => {
  let asked: Socket | undefined;
  for (const head of ['', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf']) {
    let isClosed = false;
    asked = undefined;
    gateway.upstream.answerWith((_, socket) => {
      asked = socket;
      socket.once('close', () => {
        isClosed = true;
      });
      if (head !== '') socket.write(head);
    });
    await ask(GET);
    await until('the upstream is asked', () => asked !== undefined);
    if (head !== '') await client.until((text) => text.includes('half'));
    client.close();
    await until('the upstream is let go', () => isClosed);
  }
});

test('100-continue: the body is sent once the upstream wants it', async () => {
  gateway.upstream.answerWith(echo);
  const head =
    'POST /public/a HTTP/1.1\r\nHost: edge\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n';
  await ask(head);
  await client.until((text) => text.startsWith('HTTP/1.1 100 '));
  client.send('body');
  const answer = await client.until((text) => text.includes('POST /public/a 4'));
  assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('interim answers arrive before the final one', async () => {
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n');
    setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), 50);
  });
  const answer = await (await ask(GET)).until((text) => text.endsWith('ok'));
  assert.match(
    answer,
    /^HTTP\/1\.1 103 [^\r]*\r\n(?:[^\r]+\r\n)*link: <\/style\.css>; rel=preload\r\n/i,
  );
  assert.match(answer, /\r\n\r\nHTTP\/1\.1 200 /);
});

test('HEAD says what GET would, without a body, and the connection goes on', async () => {
  gateway.upstream.answerWith(({ method }, socket) => {
    const text = method === 'HEAD' ? '' : 'a body';
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n${text}`);
  });
  await ask('HEAD /public/a HTTP/1.1\r\nHost: edge\r\n\r\n');
  const head = await client.until((text) => text.endsWith('\r\n\r\n'));
  assert.match(head, /content-length: 6\r\n/i);
  client.send(GET);
  const both = await client.until((text) => text.endsWith('a body'));
  assert.equal(both.match(/HTTP\/1\.1 200 /g)?.length, 2);
});

test('204 and 304 have no body, and the connection goes on', async () => {
  for (const status of ['204 No Content', '304 Not Modified']) {
    gateway.upstream.answerWith((_, socket) =>
      socket.write(`HTTP/1.1 ${status}\r\nETag: "a"\r\n\r\n`),
    );
    await ask(GET);
    await client.until((text) => text.endsWith('\r\n\r\n'));
    gateway.upstream.answerWith(echo);
    client.send(GET);
    assert.match(await client.until((text) => text.includes('GET /public/a 0')), /etag: "a"/i);
    client.close();
  }
});

test('trailers pass, both ways', async () => {
  gateway.upstream.answerWith((_, socket) => {
    socket.write(
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\n\r\n',
    );
  });
  await ask(
    'POST /public/a HTTP/1.1\r\nHost: edge\r\nTE: trailers\r\nTrailer: X-Sent\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sent: 7\r\n\r\n',
  );
  assert.match(
    await client.until((text) => text.endsWith('\r\n\r\n') && text.includes('\r\n0\r\n')),
    /\r\n0\r\nx-sum: 9\r\n\r\n$/i,
  );
  assert.deepEqual(gateway.upstream.requests()[0]?.trailers, [['x-sent', '7']]);
});

test('a client of HTTP/1.0 gets no chunks', async () => {
  gateway.upstream.answerWith((_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
  });
  const answer = await (await ask('GET /public/a HTTP/1.0\r\nHost: edge\r\n\r\n')).ended();
  assert.doesNotMatch(answer, /transfer-encoding/i);
  assert.match(answer, /\r\n\r\nok$/);
});

test('an idle connection that the upstream closes costs no request', async () => {
  let answered = 0;
  gateway.upstream.answerWith((request, socket) => {
    answered += 1;
    echo(request, socket);
    // As a server does whose patience ends just now.
    if (answered % 3 === 0) socket.end();
  });
  await ask('');
  for (let index = 0; index < 60; index += 1) {
    const before = client.received().length;
    const verb = index % 2 === 0 ? 'GET' : 'POST';
    client.send(`${verb} /public/${index} HTTP/1.1\r\nHost: edge\r\nContent-Length: 0\r\n\r\n`);
    const text = await client.until(
      (all) => all.slice(before).includes(`/public/${index} 0`) || / 50\d /.test(all),
    );
    assert.doesNotMatch(text, /HTTP\/1\.1 50/, `request ${index}`);
  }
});
