import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { isManaged } from '../fields/field-names.ts';
import { type FramedHead, isVerb, readHead } from './request-head.ts';

const HOST = ['Host', 'edge'] as const;

function framed(rawHeaders: readonly string[], change: Partial<FramedHead> = {}): FramedHead {
  return { rawHeaders, httpVersion: '1.1', hasBody: false, ...change };
}

const refused: Record<string, readonly [rawHeaders: readonly string[], code: string]> = {
  'two Authorization headers': [
    [...HOST, 'Authorization', 'Bearer a', 'authorization', 'Bearer a'],
    'duplicate_header',
  ],
  'two Host headers': [[...HOST, 'HOST', 'other'], 'duplicate_header'],
  'two Content-Type headers': [
    [...HOST, 'Content-Type', 'a/b', 'Content-Type', 'a/b'],
    'duplicate_header',
  ],
  'two Content-Length headers': [
    [...HOST, 'Content-Length', '1', 'Content-Length', '1'],
    'duplicate_header',
  ],
  'two Transfer-Encoding headers': [
    [...HOST, 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'],
    'duplicate_header',
  ],
  'no Host': [[], 'host'],
  'an empty Host': [['Host', ''], 'host'],
  'a Host with userinfo': [['Host', 'a@b'], 'host'],
  'a Host with a path': [['Host', 'a/b'], 'host'],
  'both length and encoding': [
    [...HOST, 'Content-Length', '1', 'Transfer-Encoding', 'chunked'],
    'length_and_encoding',
  ],
  'another transfer coding': [[...HOST, 'Transfer-Encoding', 'gzip, chunked'], 'transfer_encoding'],
  'identity coding': [[...HOST, 'Transfer-Encoding', 'identity'], 'transfer_encoding'],
  'a length with a sign': [[...HOST, 'Content-Length', '+1'], 'content_length'],
  'a length with leading zeros': [[...HOST, 'Content-Length', '01'], 'content_length'],
  'a list of lengths': [[...HOST, 'Content-Length', '1, 1'], 'content_length'],
  'another expectation': [[...HOST, 'Expect', '200-ok'], 'expect'],
  'two traces': [[...HOST, 'traceparent', '00-a', 'Traceparent', '00-b'], 'duplicate_header'],
  'too many headers': [
    [...HOST, ...Array.from({ length: 100 }, (_, i) => [`x-${i}`, '']).flat()],
    'headers_too_large',
  ],
};

for (const [name, [rawHeaders, code]] of Object.entries(refused)) {
  test(`refused: ${name}`, () => {
    assert.throws(() => readHead(framed(rawHeaders)), { code: `gateway.${code}` });
  });
}

test('chunked under HTTP/1.0 is refused', () => {
  assert.throws(() => readHead(framed(['Transfer-Encoding', 'chunked'], { httpVersion: '1.0' })), {
    code: 'gateway.transfer_encoding',
  });
});

test('HTTP/1.0 needs no Host', () => {
  assert.equal(readHead(framed([], { httpVersion: '1.0' })).authorization, undefined);
});

test('what decides is read, whatever the case of its name', () => {
  const { passed, ...said } = readHead(
    framed([
      ...['HOST', '[::1]:8080', 'AUTHORIZATION', 'Bearer t', 'Content-Type', 'application/json'],
      ...['Content-Length', '2', 'Expect', '100-Continue', 'Content-Encoding', 'gzip'],
      ...['TraceParent', '00-a', 'Upgrade', 'websocket', 'Connection', 'Upgrade'],
    ]),
  );
  assert.deepEqual(said, {
    host: '[::1]:8080',
    authorization: 'Bearer t',
    contentType: 'application/json',
    contentEncoding: 'gzip',
    hasBody: true,
    lengthBytes: 2,
    expectsContinue: true,
    upgrade: 'websocket',
    traceparent: '00-a',
    throughProxy: false,
  });
  assert.deepEqual(passed, ['Content-Type', 'application/json', 'Content-Encoding', 'gzip']);
});

test('a length of 0 announces no body', () => {
  assert.equal(readHead(framed([...HOST, 'Content-Length', '0'])).hasBody, false);
});

test('whoever is behind a proxy is not taken for a client of this machine', () => {
  assert.equal(readHead(framed(HOST)).throughProxy, false);
  for (const name of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP']) {
    assert.equal(readHead(framed([...HOST, name, 'x'])).throughProxy, true, name);
  }
});

function read(headers: readonly string[], change: Partial<FramedHead> = {}) {
  return readHead(framed([...HOST, ...headers], change));
}

function refusalOf(headers: readonly string[], change: Partial<FramedHead> = {}): string {
  try {
    read(headers, change);
  } catch (error) {
    return (error as GatehouseError).code;
  }
  return assert.fail('was not refused');
}

test('no spelling of what stands for us is passed on', () => {
  for (const name of [
    ...['Txn-Token', 'txn_token', 'TXN.TOKEN', 'TxnToken', 'X-Txn-Token', 'x_txn_token'],
    ...['Http-Txn-Token', 'Txn--Token', 'txn~token', 'Txn-Token-'],
    ...[
      'X-Forwarded-For',
      'x_forwarded_for',
      'X.Forwarded.Proto',
      'X-FORWARDED-ANYTHING',
      'Forwarded',
    ],
    ...['X-Real-IP', 'x_real_ip', 'True-Client-IP', 'CF-Connecting-IP', 'X-Client-IP'],
    ...['X-Original-URL', 'X-Rewrite-URL', 'x_original_url', 'X-Http-Method-Override'],
    ...[
      'X-Request-Id',
      'traceparent',
      'trace_parent',
      'tracestate',
      'baggage',
      'X-B3-TraceId',
      'b3',
    ],
    ...['Content_Length', 'transfer.encoding', 'Proxy', 'Via', 'Proxy-Connection', 'Keep-Alive'],
    ...['TE', 'Trailer', 'Proxy-Authorization', 'HTTP2-Settings', 'host_', 'Authorization_'],
  ]) {
    assert.deepEqual(read([name, 'x', 'X-Mine', '1']).passed, ['X-Mine', '1'], name);
    assert.ok(isManaged(name.toLowerCase()), `${name} could be set by a file`);
  }
});

test('everything else is passed on as it was sent, in order', () => {
  const sent = [
    'Accept',
    '*/*',
    'X_Custom',
    'a',
    'X-Custom',
    'b',
    'X-Custom',
    'c',
    'Cookie',
    'a=1',
  ];
  assert.deepEqual(read(sent).passed, sent);
  assert.deepEqual(read(['Cookie', 'a=1', 'A', 'b', 'cookie', 'c=2']).passed, [
    ...['Cookie', 'a=1; c=2'],
    ...['A', 'b'],
  ]);
});

test('Connection drops what is for one hop, and nothing that is not', () => {
  const passed = (value: string) => read(['Connection', value, 'X-Hop', '1', 'X-End', '2']).passed;
  assert.deepEqual(passed('X-Hop, close'), ['X-End', '2']);
  assert.deepEqual(passed('keep-alive'), ['X-Hop', '1', 'X-End', '2']);
  for (const name of [
    ...['Host', 'Authorization', 'Txn-Token', 'X-Forwarded-For', 'Forwarded', 'X-Real-IP'],
    ...['Cookie', 'Content-Type', 'Content-Length', 'Accept', 'Sec-Fetch-Site', 'X-Request-Id'],
    ...['traceparent', 'Cache-Control', 'Range', 'Origin'],
  ]) {
    assert.equal(refusalOf(['Connection', `close, ${name}`]), 'gateway.connection', name);
  }
  assert.equal(refusalOf(['Connection', 'close', 'connection', 'cookie']), 'gateway.connection');
});

test('what could be read twice is refused', () => {
  for (const name of [
    'Authorization',
    'Host',
    'Content-Type',
    'Expect',
    'Upgrade',
    'Content-Encoding',
  ]) {
    assert.equal(
      refusalOf([name, '100-continue', name.toLowerCase(), '100-continue']),
      'gateway.duplicate_header',
    );
  }
  assert.equal(refusalOf(['Expect', 'more']), 'gateway.expect');
  assert.equal(refusalOf(['Transfer-Encoding', 'gzip, chunked']), 'gateway.transfer_encoding');
  assert.equal(
    refusalOf(['Transfer-Encoding', 'chunked'], { httpVersion: '1.0' }),
    'gateway.transfer_encoding',
  );
  assert.equal(
    refusalOf(['Transfer-Encoding', 'chunked', 'Content-Length', '1']),
    'gateway.length_and_encoding',
  );
  assert.equal(refusalOf(['Content-Length', '+1']), 'gateway.content_length');
  assert.equal(refusalOf([], { httpVersion: '1.2' }), 'gateway.framing');
  assert.equal(refusalOf([], { rawHeaders: ['Host', 'a b'] }), 'gateway.host');
  assert.equal(refusalOf([], { rawHeaders: [] }), 'gateway.host');
  const many = Array.from({ length: 101 }, (_, index) => [`x-${index}`, '']).flat();
  assert.equal(refusalOf(many), 'gateway.headers_too_large');
});

test('a body is what was announced, and on HTTP/2 what follows', () => {
  assert.deepEqual([read(['Content-Length', '0']).hasBody, read([]).hasBody], [false, false]);
  const sized = read(['Content-Length', '12']);
  assert.deepEqual([sized.hasBody, sized.lengthBytes], [true, 12]);
  const chunked = read(['Transfer-Encoding', 'Chunked']);
  assert.deepEqual([chunked.hasBody, chunked.lengthBytes], [true, undefined]);
  assert.equal(read([], { httpVersion: '2.0', hasBody: true }).hasBody, true);
  assert.equal(read(['Expect', '100-Continue'], { httpVersion: '1.0' }).expectsContinue, false);
});

test('methods that no resource has are none', () => {
  for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'get', 'M-SEARCH', '']) {
    assert.equal(isVerb(method), false, method);
  }
});
