import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { writePiece } from './write-piece.ts';

/** Takes what is written at once, or when it is told to. */
function writable(takesAtOnce: boolean) {
  const seen: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const socket = new Writable({
    highWaterMark: 1_000_000,
    write: (bytes: Buffer, _encoding, done) => {
      seen.push(bytes);
      if (takesAtOnce) done();
      else waiting.push(done);
    },
  });
  return { socket, seen, next: () => waiting.shift()?.() };
}

const piece = (text: string) => ({ front: '<', bytes: Buffer.from(text), back: '>' });

test('text, bytes and text leave as one piece', () => {
  for (const size of [0, 5, 20_000, 200_000]) {
    const { socket, seen } = writable(true);
    assert.equal(writePiece(socket, piece('x'.repeat(size))), true);
    assert.equal(Buffer.concat(seen).toString(), `<${'x'.repeat(size)}>`);
    assert.ok(seen.length <= 1);
  }
});

test('what is on its way is never written over, however large', () => {
  for (const size of [5, 20_000, 200_000]) {
    const slow = writable(false);
    const fast = writable(true);
    const of = (letter: string): string => letter.repeat(size);
    for (const letter of ['a', 'b', 'c']) {
      writePiece(slow.socket, piece(of(letter)));
      writePiece(fast.socket, piece(of('z')));
    }
    for (const letter of ['a', 'b', 'c']) {
      assert.equal(slow.seen.at(-1)?.toString(), `<${of(letter)}>`);
      slow.next();
    }
  }
});

test('the bytes are the caller’s again when it returns', () => {
  const { socket, seen } = writable(false);
  const bytes = Buffer.from('mine');
  writePiece(socket, { front: '', bytes, back: '' });
  bytes.fill('x');
  assert.equal(seen[0]?.toString(), 'mine');
});
