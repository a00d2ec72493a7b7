/** Client secrets, which may change while a process runs. */
import { readFile } from 'node:fs/promises';

/** A secret, or where it is to be had just now. */
export type Secret = string | (() => string | Promise<string>);

/** The secret as it is now. */
export async function secretNow(secret: Secret): Promise<string> {
  return typeof secret === 'string' ? secret : await secret();
}

/**
 * A secret in a file, which is read for each fetch of a token: a new one is taken up without a restart.
 * White space around it does not count.
 *
 * @throws Error naming the path when the file cannot be read or is empty (on use).
 */
export function secretFromFile(path: string): () => Promise<string> {
  return async () => {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret === '') throw new Error(`${path} is empty`);
    return secret;
  };
}
