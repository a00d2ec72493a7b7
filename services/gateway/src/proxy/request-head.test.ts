import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import type { Incoming } from '../receive/seam.ts';
import { httpRoute, upstreamSettings } from '../test-support/http-route.ts';
import { testIncoming } from '../test-support/incoming.ts';
import { isManaged } from './header-names.ts';
import { readRequestHead } from './request-head.ts';
import { upstreamHead } from './upstream-head.ts';

const HOST = ['Host', 'app.example'];

function read(headers: readonly string[], change: Partial<Incoming> = {}) {
  return readRequestHead(testIncoming({ rawHeaders: [...HOST, ...headers], ...change }));
}

function refusalOf(headers: readonly string[], change: Partial<Incoming> = {}): string {
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

const SAID = {
  address: '2001:db8::1',
  proto: 'https',
  host: 'app.example:8443',
} as const;

function heads(
  route: Parameters<typeof httpRoute>[0],
  forwarding: 'forwarded' | 'x-forwarded',
  sent: readonly string[] = [],
) {
  const list = upstreamHead(httpRoute(route), SAID, read(sent), upstreamSettings({ forwarding }));
  return Object.fromEntries(
    list.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), list[index + 1]]] : [])),
  );
}

test('where a request comes from is said anew, in one way or the other', () => {
  const one = heads({}, 'forwarded');
  assert.equal(one.forwarded, 'for="[2001:db8::1]";host="app.example:8443";proto=https');
  assert.equal(one['x-forwarded-for'], undefined);
  const other = heads({}, 'x-forwarded');
  assert.equal(other['x-forwarded-for'], '2001:db8::1');
  assert.equal(other['x-forwarded-port'], '8443');
  assert.equal(other.forwarded, undefined);
  assert.equal(other.host, 'app.example:8443');
});

test('edits take away and set; the host can be the upstream’s own', () => {
  const rewrite = {
    host: 'upstream' as const,
    requestHeaders: { set: new Map([['x-set', 'ours']]), remove: new Set(['x-gone']) },
    responseHeaders: { set: new Map<string, string>(), remove: new Set<string>() },
  };
  const seen = heads({ rewrite }, 'forwarded', ['X-Set', 'theirs', 'X-Gone', '1', 'X-Stays', '2']);
  assert.deepEqual([seen['x-set'], seen['x-gone'], seen['x-stays']], ['ours', undefined, '2']);
  assert.equal(seen.host, '127.0.0.1:3000');
});

test('of Authorization only another scheme passes, where the route does not look at it', () => {
  const rule = { ...httpRoute().rule, ignoreBearer: true };
  const passed = (value: string, route = { rule }) =>
    heads(route, 'forwarded', ['Authorization', value]).authorization;
  assert.equal(passed('Basic YTpi'), 'Basic YTpi');
  for (const value of [
    'Bearer a.b.c',
    'bearer a.b.c',
    'BEARER\ta',
    'Bearer',
    'DPoP a',
    'Bearer,a',
  ]) {
    assert.equal(passed(value), undefined, value);
  }
  assert.equal(passed('Basic YTpi', { rule: httpRoute().rule }), undefined);
});
