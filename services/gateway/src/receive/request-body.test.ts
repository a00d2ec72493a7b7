import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { StreamBody } from '@gatehouse/wire';
import { readBounded } from './request-body.ts';

const bounds = { limitBytes: 5000, lengthBytes: undefined, begunMs: performance.now() };

test('a body is the same in however many pieces it comes', async () => {
  const whole = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
  for (const size of [1, 7, 1000, 5000]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size));
    const body = await readBounded(
      new StreamBody(Readable.from(pieces, { objectMode: false })),
      bounds,
    );
    assert.ok(whole.equals(body), `${size} bytes at a time`);
  }
});
