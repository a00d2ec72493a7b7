import { type Readable, Transform } from 'node:stream';

/**
 * A body that may not be longer than so much, and does not say how long it is.
 *
 * @param tooLarge - called once when it is longer; nothing of the rest is passed on.
 */
export function boundedBody(body: Readable, limitBytes: number, tooLarge: () => void): Readable {
  let size = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      if (size <= limitBytes) {
        done(null, chunk);
        return;
      }
      body.unpipe(counted);
      tooLarge();
    },
  });
  // The client broke off: so does what is read of it.
  body.once('close', () => {
    if (!body.readableEnded) counted.destroy();
  });
  return body.pipe(counted);
}
