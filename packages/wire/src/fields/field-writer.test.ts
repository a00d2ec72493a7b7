import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chunkLine, lastChunk } from './field-writer.ts';

test('what Latin-1 can show passes', () => {
  assert.equal(
    lastChunk(['X-Name', 'Zoë\t"ü"', 'X-Empty', '']),
    '0\r\nX-Name: Zoë\t"ü"\r\nX-Empty: \r\n\r\n',
  );
  assert.deepEqual([lastChunk([]), chunkLine(255)], ['0\r\n\r\n', 'ff\r\n']);
});

test('no trailer can end its line early', () => {
  for (const trailers of [
    ['X\r\nY', '1'],
    ['X ', '1'],
    ['', '1'],
    ['X', '1\r\nY: 2'],
    ['X', '\u010d\u010a'],
    ['X'],
  ]) {
    assert.throws(() => lastChunk(trailers), { code: 'gateway.framing' });
  }
});
