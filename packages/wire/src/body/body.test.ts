import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { type BodySink, BoundedBody, StreamBody } from './body.ts';

function sink() {
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  const end = (how: string): void => {
    told.push(how);
    ended.resolve();
  };
  const taking: BodySink = {
    onPiece: (bytes) => {
      told.push(bytes.toString());
      return true;
    },
    onEnd: () => end('end'),
    onBroken: () => end('broken'),
  };
  return { told, taking, ended: ended.promise };
}

const streamOf = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

test('a stream is passed on piece by piece', async () => {
  const { told, taking, ended } = sink();
  let begun = 0;
  new StreamBody(streamOf('ab', 'cd'), () => {
    begun += 1;
  }).flow(taking);
  await ended;
  assert.deepEqual(told, ['ab', 'cd', 'end']);
  assert.equal(begun, 1);
});

test('a stream that had ended, or was destroyed, says so at once', async () => {
  const whole = streamOf();
  whole.resume();
  await once(whole, 'end');
  const first = sink();
  new StreamBody(whole).flow(first.taking);
  assert.deepEqual(first.told, ['end']);
  const gone = new PassThrough();
  gone.destroy();
  const second = sink();
  new StreamBody(gone).flow(second.taking);
  assert.deepEqual(second.told, ['broken']);
});

test('an interrupted stream fails once, and an error after a release has no effect', async () => {
  const stream = new PassThrough();
  const body = new StreamBody(stream);
  const { told, taking, ended } = sink();
  body.flow(taking);
  stream.destroy(new Error('gone'));
  await ended;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ['broken']);
  const other = new PassThrough();
  const released = new StreamBody(other);
  const quiet = sink();
  released.flow(quiet.taking);
  released.release();
  other.destroy(new Error('gone'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(quiet.told, []);
});

test('a body over its bound is cut off there, and told once', async () => {
  let tooLarge = 0;
  const stream = new PassThrough();
  const { told, taking } = sink();
  new BoundedBody(new StreamBody(stream), 3, () => {
    tooLarge += 1;
  }).flow(taking);
  stream.write('ab');
  stream.write('cd');
  stream.end('ef');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ['ab']);
  assert.equal(tooLarge, 1);
  const within = sink();
  new BoundedBody(new StreamBody(streamOf('ab', 'c')), 3, () => assert.fail()).flow(within.taking);
  await within.ended;
  assert.deepEqual(within.told, ['ab', 'c', 'end']);
});
