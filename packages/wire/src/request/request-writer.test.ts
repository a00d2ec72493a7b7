import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestParts, requestHead } from './request-writer.ts';

function request(over: Partial<RequestParts> = {}): RequestParts {
  return {
    method: 'GET',
    target: '/orders/1?a=b',
    headers: ['Host', 'orders.test', 'X-Id', '7'],
    body: undefined,
    expectContinue: false,
    upgrade: undefined,
    ...over,
  };
}

const body = (length: number | undefined) => ({ length });

test('a head is its parts, in order, each on its line', () => {
  assert.equal(
    requestHead(request()),
    'GET /orders/1?a=b HTTP/1.1\r\nHost: orders.test\r\nX-Id: 7\r\n\r\n',
  );
});

test('lines of our own follow the headers, and framing follows them', () => {
  assert.equal(
    requestHead(request({ method: 'POST', ownLines: 'x-request-id: a1\r\ntxn-token: b2\r\n' })),
    'POST /orders/1?a=b HTTP/1.1\r\nHost: orders.test\r\nX-Id: 7\r\n' +
      'x-request-id: a1\r\ntxn-token: b2\r\nContent-Length: 0\r\n\r\n',
  );
});

test('framing is written here: a length, chunks, none, an expectation, an upgrade', () => {
  const endOf = (over: Partial<RequestParts>) => requestHead(request(over)).split('X-Id: 7\r\n')[1];
  assert.equal(endOf({ method: 'POST' }), 'Content-Length: 0\r\n\r\n');
  assert.equal(endOf({ method: 'POST', body: body(5) }), 'Content-Length: 5\r\n\r\n');
  assert.equal(
    endOf({ method: 'POST', body: body(undefined), expectContinue: true }),
    'Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n',
  );
  assert.equal(
    endOf({ upgrade: 'websocket' }),
    'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  );
});

test('nothing can end a line early, or stand where it may not', () => {
  const bad: readonly Partial<RequestParts>[] = [
    { method: 'GET /x' },
    { method: '' },
    { method: 'CONNECT' },
    { target: 'orders' },
    { target: '/a b' },
    { target: '/a\r\nX: 1' },
    { target: '/ä' },
    { target: '/a#b' },
    { target: 'http://other/' },
    { headers: ['Host', 'a', 'X\r\nY', '1'] },
    { headers: ['Host', 'a', 'X ', '1'] },
    { headers: ['Host', 'a', 'X:', '1'] },
    { headers: ['Host', 'a', '', '1'] },
    { headers: ['Host', 'a', 'X', '1\r\nY: 2'] },
    { headers: ['Host', 'a', 'X', '1\n'] },
    { headers: ['Host', 'a', 'X', '1\r'] },
    { headers: ['Host', 'a', 'X', '\u0000'] },
    { headers: ['Host', 'a', 'X', '\u007f'] },
    // In Latin-1 these would be written as CR and LF.
    { headers: ['Host', 'a', 'X', '\u010d\u010a'] },
    { headers: ['Host', 'a', 'X'] },
    { headers: [] },
    { headers: ['Host', 'a', 'host', 'b'] },
    { headers: ['Host', 'a', 'content-length', '5'] },
    { headers: ['Host', 'a', 'Transfer-Encoding', 'chunked'] },
    { headers: ['Host', 'a', 'connection', 'close'] },
    { headers: ['Host', 'a', 'TE', 'trailers'] },
    { upgrade: 'websocket\r\nX: 1' },
    { upgrade: 'websocket', body: body(1) },
    { body: body(-1) },
    { body: body(1.5) },
    { body: body(Number.MAX_SAFE_INTEGER + 1) },
  ];
  bad.forEach((over, index) => {
    const write = () => requestHead(request(over));
    assert.throws(write, { code: 'gateway.framing' }, `case ${index}`);
  });
});
