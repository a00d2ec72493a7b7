/** The stored clients of the platform's own parts, readable only by the owner of the data folder. */
import { readIfExists, writePrivate } from '../files.ts';
import { type ClientFiles, layoutOf } from '../layout.ts';

/** Which client, and which of its secrets. */
export interface ClientRecord {
  readonly clientId: string;
  readonly secretId: string;
}

/** Writes the secret first: a record vouches for it. */
export async function saveClient(
  files: ClientFiles,
  record: ClientRecord,
  clientSecret: string,
): Promise<void> {
  await writePrivate(files.secret, clientSecret);
  await writePrivate(files.record, `${JSON.stringify(record)}\n`);
}

/** Undefined when there is none, also where one of the two files is missing or damaged. */
export async function readRecord(files: ClientFiles): Promise<ClientRecord | undefined> {
  const text = await readIfExists(files.record);
  if (text === undefined || (await readIfExists(files.secret)) === undefined) return undefined;
  try {
    const { clientId, secretId }: Partial<ClientRecord> = JSON.parse(text);
    if (typeof clientId !== 'string' || typeof secretId !== 'string') return undefined;
    return { clientId, secretId };
  } catch {
    return undefined;
  }
}

/**
 * Hands a rotated secret to a part of the platform, which reloads its file.
 *
 * @returns false when the client does not belong to this data folder: nothing is written.
 */
export async function handOverSecret(
  dataDir: string,
  name: string,
  rotated: ClientRecord & { readonly clientSecret: string },
): Promise<boolean> {
  const files = layoutOf(dataDir).client(name);
  const { clientId, secretId, clientSecret } = rotated;
  if ((await readRecord(files))?.clientId !== clientId) return false;
  await saveClient(files, { clientId, secretId }, clientSecret);
  return true;
}
