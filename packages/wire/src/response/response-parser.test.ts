import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MalformedError } from '../errors.ts';
import { INVALID, VALID } from '../test-support/responses.ts';
import type { Asked, ResponseHead } from './response-head.ts';
import { ResponseParser } from './response-parser.ts';

interface Parsed {
  interim: number[];
  status: number | undefined;
  headers: readonly string[];
  body: string;
  trailers: readonly string[] | undefined;
  rest: string;
}

/** Parses fragments, then what the end of the connection means. */
function parse(fragments: readonly Buffer[], asked: Partial<Asked> = {}): Parsed {
  const parsed: Parsed = {
    interim: [],
    status: undefined,
    headers: [],
    body: '',
    trailers: undefined,
    rest: '',
  };
  let current = Buffer.alloc(0);
  const parser = new ResponseParser({
    onInformational: ({ status }) => parsed.interim.push(status),
    onHead: ({ status, headers }: ResponseHead) => Object.assign(parsed, { status, headers }),
    onPiece: (start, end) => {
      parsed.body += current.toString('latin1', start, end);
    },
    onWhole: (trailers) => {
      parsed.trailers = trailers;
    },
  });
  parser.start({ method: 'GET', upgrade: undefined, ...asked });
  for (const fragment of fragments) {
    // As the shared buffer of a connection: something stale stands behind what was received.
    current = Buffer.concat([fragment, Buffer.from('\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')]);
    const end = parser.execute(current, fragment.length);
    parsed.rest += fragment.toString('latin1', end);
  }
  parser.finish();
  return parsed;
}

test('each good response is understood, and alike wherever it is cut', () => {
  for (const { name, asked, bytes, expected } of VALID) {
    const whole = Buffer.from(bytes, 'latin1');
    const got = parse([whole], asked);
    assert.deepEqual({ ...got, ...expected }, got, name);
    assert.ok(got.trailers !== undefined, name);
    for (let cut = 1; cut < whole.length; cut += 1) {
      const fragments = [whole.subarray(0, cut), whole.subarray(cut)];
      assert.deepEqual(parse(fragments, asked), got, `${name}, cut at ${cut}`);
    }
    const bytewise = Array.from(whole, (byte) => Buffer.from([byte]));
    assert.deepEqual(parse(bytewise, asked), got, `${name}, byte by byte`);
  }
});

test('each bad response is refused, and wherever it is cut', () => {
  for (const { name, asked, bytes } of INVALID) {
    const whole = Buffer.from(bytes, 'latin1');
    assert.throws(() => parse([whole], asked), MalformedError, name);
    for (let cut = 1; cut < whole.length; cut += 1) {
      const fragments = [whole.subarray(0, cut), whole.subarray(cut)];
      assert.throws(() => parse(fragments, asked), MalformedError, `${name}, cut at ${cut}`);
    }
    const bytewise = Array.from(whole, (byte) => Buffer.from([byte]));
    assert.throws(() => parse(bytewise, asked), MalformedError, `${name}, byte by byte`);
  }
});

test('a good response that is cut off is refused, except where its end is the end', () => {
  for (const { name, asked, bytes } of VALID.filter(({ untilClose }) => untilClose !== true)) {
    const whole = Buffer.from(bytes, 'latin1');
    for (let length = 1; length < whole.length; length += 1) {
      const cut = (): unknown => parse([whole.subarray(0, length)], asked);
      assert.throws(cut, MalformedError, `${name}, ${length} bytes of it`);
    }
  }
});

test('what follows an response is not part of it', () => {
  const first = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const second = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';
  assert.deepEqual(parse([Buffer.from(first + second)]).rest, second);
});

test('a head may have 64 KiB and 200 fields, and not more', () => {
  const response = (fields: string): Buffer =>
    Buffer.from(`HTTP/1.1 204 No Content\r\n${fields}\r\n`);
  const lines = (count: number): string => 'X: 1\r\n'.repeat(count);
  assert.equal(parse([response(lines(200))]).headers.length, 400);
  assert.throws(() => parse([response(lines(201))]), MalformedError);
  const long = (bytes: number): string => `X: ${'a'.repeat(bytes)}\r\n`;
  assert.equal(parse([response(long(65_000))]).status, 204);
  assert.throws(() => parse([response(long(65_600))]), MalformedError);
  const slow = Array.from(response(long(65_600)), (byte) => Buffer.from([byte]));
  assert.throws(() => parse(slow), MalformedError);
});

test('interim responses are bounded', () => {
  const interim = (count: number): Buffer =>
    Buffer.from(
      `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(count)}HTTP/1.1 204 No Content\r\n\r\n`,
    );
  assert.equal(parse([interim(16)]).interim.length, 16);
  assert.throws(() => parse([interim(17)]), MalformedError);
});
