import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createTurnstile } from './turnstile.ts';

/** Hashes passwords, slowly and a few at a time. */
export interface PasswordHasher {
  /**
   * @param address - who asks: places are shared by address. Default: unknown.
   * @throws auth.busy when too many are waiting.
   */
  hash(password: string, address?: string): Promise<string>;
  /**
   * Compares in the same time whether there is a hash or not.
   *
   * @param hash - undefined: a dummy with equal parameters is compared, and the result is false.
   * @param address - who asks: places are shared by address. Default: unknown.
   * @throws auth.busy when too many are waiting.
   */
  verify(password: string, hash: string | undefined, address?: string): Promise<boolean>;
}

/** How much work one hash is. */
export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
}

export interface Argon2Options {
  /** Hashes that run at the same time, 1 or more. */
  readonly concurrency: number;
  /** Hashes that may wait. Default 64. */
  readonly maxWaiting?: number;
  /** Default: OWASP's choice for one lane, 19 MiB and 2 passes; about 30 ms. */
  readonly cost?: Argon2Cost;
}

interface Phc extends Argon2Cost {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const DEFAULT_COST: Argon2Cost = { memoryKib: 19_456, passes: 2 };
const SALT_BYTES = 16;
const TAG_BYTES = 32;
// RFC 9106 leaves the string form open; this is the one of the PHC string format.
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const derive = promisify(argon2);

/**
 * Argon2id (RFC 9106) by node:crypto, a bounded number at once: each takes a core and its memory, so
 * that whoever asks for many must not slow down everything else.
 *
 * A hash is stored with its parameters, so that old ones go on being verified when the cost changes.
 */
export function createArgon2Hasher(options: Argon2Options): PasswordHasher {
  const cost = options.cost ?? DEFAULT_COST;
  const inTurn = createTurnstile(options.concurrency, options.maxWaiting ?? 64);
  // Nobody's password: what an unknown account is compared with.
  const dummy: Phc = { ...cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };
  return {
    hash: (password, address = '') =>
      inTurn(address, async () => {
        const salt = randomBytes(SALT_BYTES);
        return format({ ...cost, salt, tag: await tagOf(password, { ...cost, salt }) });
      }),
    verify: (password, hash, address = '') =>
      inTurn(address, async () => {
        const known = hash === undefined ? dummy : parse(hash);
        const isEqual = timingSafeEqual(await tagOf(password, known), known.tag);
        return isEqual && hash !== undefined;
      }),
  };
}

function tagOf(password: string, how: Argon2Cost & { readonly salt: Buffer }): Promise<Buffer> {
  return derive('argon2id', {
    message: password,
    nonce: how.salt,
    memory: how.memoryKib,
    passes: how.passes,
    parallelism: 1,
    tagLength: TAG_BYTES,
  });
}

function format({ memoryKib, passes, salt, tag }: Phc): string {
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${unpadded(salt)}$${unpadded(tag)}`;
}

function parse(hash: string): Phc {
  const [, memoryKib, passes, salt = '', tag = ''] = PHC.exec(hash) ?? [];
  if (tag === '') throw new Error('a stored password hash cannot be read');
  return {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
