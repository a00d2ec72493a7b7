/** Client secrets, which may change while a process runs. */
import { readFile } from 'node:fs/promises';

/** A secret, or a function that returns the current one. */
export type Secret = string | (() => string | Promise<string>);

/** Returns the current secret. */
export async function secretNow(secret: Secret): Promise<string> {
  return typeof secret === 'string' ? secret : await secret();
}

/**
 * Reads a secret from a file for each fetch of a token: a new one is used without a restart. White space
 * around it does not count.
 *
 * @example
 * ```ts
 * import { secretFromFile } from '@gatehouse/client';
 *
 * const clientSecret = secretFromFile('/run/secrets/core');
 * ```
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
