import { randomBytes } from 'node:crypto';

// Crockford's base32 in lower case: sorts as it counts, and has no i, l, o, u to misread.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;
const SEQUENCE_CHARS = 3;
const RANDOM_CHARS = 13;
const SEQUENCE_LIMIT = 32 ** SEQUENCE_CHARS;
const PREFIX = /^[a-z][a-z0-9]{1,11}$/;

interface Moment {
  atMs: number;
  sequence: number;
}

const systemClock = { nowMs: () => Date.now() };
const lastMoments = new WeakMap<{ nowMs(): number }, Moment>();

/**
 * Makes an identifier: `<prefix>_` and 26 characters, so that ids sort by the time they were made.
 *
 * @example
 * ```ts
 * import { newId } from '@gatehouse/postgres';
 *
 * console.log(newId('pst')); // pst_01kb5…
 * ```
 * The characters are 50 bits of milliseconds, 15 bits that count within a millisecond, and 65 random
 * bits. One process makes them in strictly rising order, also when its clock steps back; between
 * processes the order is as good as their clocks. An id is not a secret: it tells when it was made.
 *
 * @param prefix - 2 to 12 lower-case letters and digits, beginning with a letter: `'pst'`.
 * @param clock - Default: the system's.
 * @throws Error when the prefix is invalid.
 */
export function newId(prefix: string, clock: { nowMs(): number } = systemClock): string {
  if (!PREFIX.test(prefix)) throw new Error('an id prefix is 2 to 12 lower-case characters');
  const { atMs, sequence } = nextMoment(clock);
  return `${prefix}_${encode(atMs, TIME_CHARS)}${encode(sequence, SEQUENCE_CHARS)}${randomChars()}`;
}

function nextMoment(clock: { nowMs(): number }): Moment {
  const nowMs = Math.floor(clock.nowMs());
  const last = lastMoments.get(clock);
  let next: Moment = { atMs: nowMs, sequence: 0 };
  if (last !== undefined && nowMs <= last.atMs) {
    const isFull = last.sequence + 1 >= SEQUENCE_LIMIT;
    next = isFull
      ? { atMs: last.atMs + 1, sequence: 0 }
      : { atMs: last.atMs, sequence: last.sequence + 1 };
  }
  lastMoments.set(clock, next);
  return next;
}

function encode(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let index = 0; index < length; index += 1) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}

// 256 is a multiple of 32, so the low five bits of a random byte are even.
function randomChars(): string {
  let text = '';
  for (const byte of randomBytes(RANDOM_CHARS)) text += ALPHABET[byte % 32];
  return text;
}
