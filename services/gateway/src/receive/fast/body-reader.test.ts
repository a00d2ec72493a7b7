import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { BodyReader } from './body-reader.ts';

test('chunks of one byte each are kept in one piece', async () => {
  const body = new BodyReader({ framing: 'chunked', lengthBytes: 0 }, () => undefined);
  const wire = Buffer.from(`${'1\r\nx\r\n2;a=b\r\nyz\r\n'.repeat(1000)}0\r\nX-T: 1\r\n\r\nGET /`);
  const end = body.take(wire, 0);
  assert.equal(wire.toString('latin1', end), 'GET /');
  assert.deepEqual(body.trailers, ['X-T', '1']);
  const pieces: Buffer[] = [];
  body.stream.on('data', (piece) => pieces.push(piece));
  await once(body.stream, 'end');
  assert.equal(Buffer.concat(pieces).toString(), 'xyz'.repeat(1000));
  assert.equal(pieces.length, 1);
});
