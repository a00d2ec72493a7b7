/** A new key-encryption key for the platform of a data folder. */
import { readFile } from 'node:fs/promises';
import { layoutOf, PlatformError, writePrivate } from '@gatehouse/platform';

const BASE64_OF_32_BYTES = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Puts a key-encryption key before those of the data folder, lets `rewrap` encrypt everything under it,
 * and only then removes the others. Whenever it is interrupted, the file holds what decrypts
 * every row; the same command again finishes it.
 *
 * @param newKekFile - a file with 32 random bytes in base64.
 * @throws PlatformError when it has something else.
 */
export async function withNewKek<R>(
  where: { readonly dataDir: string; readonly newKekFile: string },
  rewrap: () => Promise<R>,
): Promise<R> {
  const { kekFile } = layoutOf(where.dataDir);
  const fresh = await readKek(where.newKekFile);
  const known = (await readFile(kekFile, 'utf8')).trim().split(/\s+/);
  const others = known.filter((each) => each !== fresh);
  await writePrivate(kekFile, [fresh, ...others].join('\n'));
  const result = await rewrap();
  await writePrivate(kekFile, fresh);
  return result;
}

async function readKek(path: string): Promise<string> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (BASE64_OF_32_BYTES.test(text)) return text;
  throw new PlatformError(
    `${path} is not a key-encryption key.`,
    'It must hold 32 random bytes in base64: openssl rand -base64 32 > FILE; chmod 600 FILE.',
  );
}
