import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BodySink } from './body.ts';
import { BodyReader } from './body-reader.ts';

function reader(framing: 'chunked' | 'length', lengthBytes = 0) {
  const asked = { wanted: 0, flows: 0 };
  const host = {
    read: () => {
      asked.wanted += 1;
    },
    onBodyFlows: () => {
      asked.flows += 1;
    },
  };
  return { body: new BodyReader({ framing, lengthBytes }, host), asked };
}

/** Takes pieces, and more of them only while it is told to. */
function sink(takesMore: () => boolean = () => true) {
  const told: string[] = [];
  const taking: BodySink = {
    onPiece: (bytes) => {
      told.push(bytes.toString());
      return takesMore();
    },
    onEnd: () => told.push('end'),
    onBroken: () => told.push('broken'),
  };
  return { told, taking };
}

test('chunks of one byte each are kept in one piece', () => {
  const { body } = reader('chunked');
  const wire = Buffer.from(`${'1\r\nx\r\n2;a=b\r\nyz\r\n'.repeat(1000)}0\r\nX-T: 1\r\n\r\nGET /`);
  const end = body.take(wire, 0);
  assert.equal(wire.toString('latin1', end), 'GET /');
  assert.deepEqual(body.trailers, ['X-T', '1']);
  const { told, taking } = sink();
  body.flow(taking);
  assert.deepEqual(told, ['xyz'.repeat(1000), 'end']);
});

test('what comes goes on in the same call, and what came before there was anyone, first', () => {
  const { body, asked } = reader('length', 5);
  body.take(Buffer.from('he'), 0);
  const { told, taking } = sink();
  body.flow(taking);
  assert.deepEqual(told, ['he']);
  assert.deepEqual(asked, { wanted: 1, flows: 1 });
  assert.equal(body.take(Buffer.from('llo, and more'), 0), 3);
  assert.deepEqual(told, ['he', 'llo', 'end']);
});

test('a sink that takes no more gets no more, not even the end, until it resumes', () => {
  const { body, asked } = reader('length', 6);
  let takes = false;
  const { told, taking } = sink(() => takes);
  body.flow(taking);
  body.take(Buffer.from('ab'), 0);
  assert.equal(body.wanted, false);
  body.take(Buffer.from('cd'), 0);
  body.take(Buffer.from('ef'), 0);
  assert.deepEqual(told, ['ab']);
  takes = true;
  const before = asked.wanted;
  body.resume();
  assert.deepEqual(told, ['ab', 'cd', 'ef', 'end']);
  assert.equal(asked.wanted, before);
});

test('a sink that lets go is told nothing more, and the next one gets the rest', () => {
  const { body } = reader('length', 6);
  const first = sink();
  body.flow(first.taking);
  body.take(Buffer.from('ab'), 0);
  body.release();
  body.take(Buffer.from('cd'), 0);
  const next = sink();
  body.flow(next.taking);
  body.take(Buffer.from('ef'), 0);
  assert.deepEqual(first.told, ['ab']);
  assert.deepEqual(next.told, ['cd', 'ef', 'end']);
});

test('a sink that lets go while it is told is not told the end', () => {
  const { body } = reader('length', 2);
  const told: string[] = [];
  body.flow({
    onPiece: () => {
      told.push('piece');
      body.release();
      return false;
    },
    onEnd: () => told.push('end'),
    onBroken: () => told.push('broken'),
  });
  body.take(Buffer.from('ab'), 0);
  assert.deepEqual(told, ['piece']);
});

test('no more than 64 KiB, and no more than a thousand pieces, wait for a sink', () => {
  const large = reader('length', 1_000_000).body;
  large.take(Buffer.alloc(60 * 1024), 0);
  assert.equal(large.wanted, true);
  large.take(Buffer.alloc(4 * 1024), 0);
  assert.equal(large.wanted, false);
  const small = reader('length', 1_000_000).body;
  for (let count = 0; count < 999; count += 1) small.take(Buffer.from('x'), 0);
  assert.equal(small.wanted, true);
  small.take(Buffer.from('x'), 0);
  assert.equal(small.wanted, false);
});

test('a client that is gone breaks the body off, for the sink of now and for one that comes later', () => {
  const { body } = reader('length', 4);
  const now = sink();
  body.flow(now.taking);
  body.take(Buffer.from('ab'), 0);
  body.fail();
  assert.deepEqual(now.told, ['ab', 'broken']);
  const late = sink();
  body.flow(late.taking);
  assert.deepEqual(late.told, ['broken']);
});
