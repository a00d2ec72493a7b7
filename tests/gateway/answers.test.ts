/** Answers of upstreams that lie: one with two readings is none, and nobody gets another one's. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type AttackedGateway, startAttackedGateway } from './support/attacked-gateway.ts';
import { attempt, NEXT_ANSWER, sendWire, type Target } from './support/attempt.ts';
import { echo } from './support/recording-upstream.ts';

let gateway: AttackedGateway;
let target: Target;

before(async () => {
  gateway = await startAttackedGateway();
  target = { port: gateway.port, upstream: gateway.upstream, patienceMs: 5000 };
});
after(() => gateway.close());
afterEach(() => gateway.upstream.answerWith(echo));

const GET = 'GET /public/a HTTP/1.1\r\nHost: edge\r\n\r\n';
const STOLEN = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen';

const answered = (answer: string, request = GET) =>
  attempt(target, async () => {
    gateway.upstream.answerWith(({ target: path }, socket) => {
      if (path !== '/public/next') socket.write(Buffer.from(answer, 'latin1'));
      else
        echo(
          { method: 'GET', target: path, headers: [], body: Buffer.alloc(0), trailers: [] },
          socket,
        );
    });
    return sendWire(target, request);
  });

const AMBIGUOUS: Readonly<Record<string, string>> = {
  'a length and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nokok',
  'two lengths in one': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok',
  'a length that is no number': 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok',
  'a length that is empty': 'HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok',
  'another coding':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'a coding twice':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a folded header':
    'HTTP/1.1 200 OK\r\nX-A: b\r\n Content-Length: 9\r\nContent-Length: 2\r\n\r\nok',
  'a space before a colon': 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok',
  'a header without a name': 'HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 2\r\n\r\nok',
  'lines that end with LF': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  'CR in a header': 'HTTP/1.1 200 OK\r\nX-A: b\rc\r\nContent-Length: 2\r\n\r\nok',
  'NUL in a header': 'HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 2\r\n\r\nok',
  'no status': 'HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\nok',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok',
  'another protocol': 'HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'neither length nor chunks nor a close': 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nok',
  'a tunnel that nobody asked for':
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
};

for (const [what, answer] of Object.entries(AMBIGUOUS)) {
  test(`an answer with ${what} is none`, async () => {
    const tried = await answered(answer);
    assert.match(tried.answer, /^HTTP\/1\.1 50[02] /);
    assert.ok(!tried.answer.includes(' 200 '));
    assert.equal(tried.nextAnswer, NEXT_ANSWER);
  });
}

const BROKEN_CHUNKS: Readonly<Record<string, string>> = {
  'a size with a sign': '+2\r\nok\r\n0\r\n\r\n',
  'a size with a prefix': '0x2\r\nok\r\n0\r\n\r\n',
  'a size beyond all sizes': 'fffffffffffffffff\r\nok\r\n0\r\n\r\n',
  'lines that end with LF': '2\nok\n0\n\n',
  'another end than it says': '2\r\nokok\r\n0\r\n\r\n',
};

for (const [what, chunks] of Object.entries(BROKEN_CHUNKS)) {
  test(`a chunk with ${what} breaks the answer`, async () => {
    const tried = await answered(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
    assert.ok(!tried.answer.endsWith('0\r\n\r\n'), 'it does not look whole');
    assert.equal(tried.nextAnswer, NEXT_ANSWER);
  });
}

const SURPLUS: Readonly<Record<string, readonly [answer: string, request?: string]>> = {
  'an answer with a length': [`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${STOLEN}`],
  'an answer in chunks': [
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n${STOLEN}`,
  ],
  'one without a body': [`HTTP/1.1 204 No Content\r\n\r\n${STOLEN}`],
  'one that was not modified': [`HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n${STOLEN}`],
  'the head alone': [
    `HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n${STOLEN}`,
    GET.replace('GET', 'HEAD'),
  ],
};

for (const [what, [answer, request]] of Object.entries(SURPLUS)) {
  test(`what comes after ${what} is nobody's answer`, async () => {
    const tried = await answered(answer, request);
    assert.ok(!tried.answer.includes('stolen'), tried.answer);
    assert.equal(tried.nextAnswer, NEXT_ANSWER);
  });
}

test('what an upstream says before it is asked is nobody’s answer', async () => {
  // The first request opens a connection, which is kept; then the upstream speaks up.
  await attempt(target, () => sendWire(target, GET));
  await attempt(target, async () => {
    gateway.upstream.say(STOLEN);
    return '';
  });
  const tried = await attempt(target, () => sendWire(target, GET));
  assert.match(tried.answer, /GET \/public\/a 0$/);
  assert.equal(tried.nextAnswer, NEXT_ANSWER);
});

test('what an upstream says of the way is not handed on', async () => {
  const tried = await answered(
    'HTTP/1.1 200 OK\r\nConnection: close, X-Private\r\nX-Private: a\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nTE: x\r\nContent-Length: 2\r\n\r\nok',
  );
  assert.match(tried.answer, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(
    tried.answer,
    /^(?:keep-alive: timeout=9|proxy-authenticate|te|x-private):?/im,
  );
});
