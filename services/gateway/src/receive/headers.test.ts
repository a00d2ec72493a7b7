import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHeaders } from './headers.ts';

const HOST = ['Host', 'edge'] as const;

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
  upgrade: [[...HOST, 'Upgrade', 'websocket', 'Connection', 'Upgrade'], 'upgrade'],
  'an encoded body': [[...HOST, 'Content-Encoding', 'gzip'], 'media_type'],
  'too many headers': [
    [...HOST, ...Array.from({ length: 100 }, (_, i) => [`x-${i}`, '']).flat()],
    'headers_too_large',
  ],
};

for (const [name, [rawHeaders, code]] of Object.entries(refused)) {
  test(`refused: ${name}`, () => {
    assert.throws(() => readHeaders(rawHeaders, '1.1'), { code: `gateway.${code}` });
  });
}

test('chunked under HTTP/1.0 is refused', () => {
  assert.throws(() => readHeaders(['Transfer-Encoding', 'chunked'], '1.0'), {
    code: 'gateway.transfer_encoding',
  });
});

test('HTTP/1.0 needs no Host', () => {
  assert.equal(readHeaders([], '1.0').authorization, undefined);
});

test('what decides is read, whatever the case of its name', () => {
  assert.deepEqual(
    readHeaders(
      // biome-ignore format: pairs
      ['HOST', '[::1]:8080', 'AUTHORIZATION', 'Bearer t', 'Content-Type', 'application/json',
       'Content-Length', '2', 'Expect', '100-Continue'],
      '1.1',
    ),
    {
      authorization: 'Bearer t',
      contentType: 'application/json',
      announcesBody: true,
      traceparent: undefined,
      host: '[::1]:8080',
      throughProxy: false,
    },
  );
});

test('a length of 0 announces no body', () => {
  assert.equal(readHeaders([...HOST, 'Content-Length', '0'], '1.1').announcesBody, false);
});

test('whoever is behind a proxy is not taken for a client of this machine', () => {
  assert.equal(readHeaders(HOST, '1.1').throughProxy, false);
  for (const name of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP']) {
    assert.equal(readHeaders([...HOST, name, 'x'], '1.1').throughProxy, true, name);
  }
});
