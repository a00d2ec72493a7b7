/** Reads a token from the command line or standard input. It is never printed. */
import { text } from 'node:stream/consumers';
import { UsageError } from '../usage.ts';

const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const MAX_CHARACTERS = 64 * 1024;

/**
 * @param word - the token, or `-` for standard input. a leading `Bearer ` is removed.
 * @param takes - how the error begins: `"token inspect" takes`.
 * @throws UsageError when it does not look like a token; the error does not show it.
 */
export async function readToken(word: string, takes: string): Promise<string> {
  const given = word === '-' ? await text(process.stdin) : word;
  const token = given.trim().replace(/^bearer\s+/i, '');
  if (token.length <= MAX_CHARACTERS && SHAPE.test(token)) return token;
  throw new UsageError(
    `${takes} a token of three parts separated by dots. Refresh tokens are opaque: only auth can read them.`,
  );
}
