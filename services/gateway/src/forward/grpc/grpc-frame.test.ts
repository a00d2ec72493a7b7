import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameMessage, unframeMessage } from './grpc-frame.ts';

test('a message is framed and unframed', () => {
  const frame = frameMessage(Buffer.from('abc'));
  assert.deepEqual([...frame], [0, 0, 0, 0, 3, 97, 98, 99]);
  assert.equal(Buffer.from(unframeMessage(frame)).toString(), 'abc');
  assert.equal(unframeMessage(frameMessage(new Uint8Array())).length, 0);
});

test('what is not exactly one uncompressed message is no answer', () => {
  const frame = frameMessage(Buffer.from('abc'));
  const bad = [
    Buffer.alloc(0),
    Buffer.alloc(4),
    frame.subarray(0, 7),
    Buffer.concat([frame, frame]),
    Buffer.from([1, ...frame.subarray(1)]),
  ];
  for (const bytes of bad) {
    assert.throws(() => unframeMessage(bytes), { code: 'gateway.upstream_answer' });
  }
});
