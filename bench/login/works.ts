/** What a log-in cannot do without: argon2id as auth asks for it, one at a time and nothing else. */
import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Work } from '../harness/work-process.ts';
import { AT_ONCE } from './concurrency.ts';

const HASHES = 60;
const derive = promisify(argon2);

async function argon2id(): Promise<Work> {
  let left = 0;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await derive('argon2id', {
        message: 'a password of usual length',
        nonce: randomBytes(16),
        memory: 19_456,
        passes: 2,
        parallelism: 1,
        tagLength: 32,
      });
    }
  };
  return {
    operations: HASHES,
    run: async () => {
      left = HASHES;
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    },
  };
}

export const works = { 'argon2id alone': argon2id };
