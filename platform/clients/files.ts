/** What is kept of the clients of the platform's own parts: for the owner of the data folder alone. */
import { readIfThere, writePrivate } from '../files.ts';
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

/** Undefined when there is none, also where one of the two files is missing or spoilt. */
export async function readRecord(files: ClientFiles): Promise<ClientRecord | undefined> {
  const text = await readIfThere(files.record);
  if (text === undefined || (await readIfThere(files.secret)) === undefined) return undefined;
  try {
    const { clientId, secretId }: Partial<ClientRecord> = JSON.parse(text);
    if (typeof clientId !== 'string' || typeof secretId !== 'string') return undefined;
    return { clientId, secretId };
  } catch {
    return undefined;
  }
}

/**
 * Hands a rotated secret to a part of the platform, which reads its file again.
 *
 * @returns false when the client is none of this data folder's: nothing is written.
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
