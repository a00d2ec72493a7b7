/** The databases of the services, each with a role of its own and a password of this clone. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureDatabase } from '@gatehouse/postgres';
import { readOrMake } from '../files.ts';

/**
 * Makes `gatehouse_<service>` for each service, owned by a role of the same name. Passwords are kept
 * in `<folder>/postgres-<service>` (0600); what the role had before is replaced, so two data folders
 * cannot share one server.
 *
 * @returns service → the URL with which it connects.
 * @throws what `ensureDatabase` throws.
 */
export async function ensureDatabases(options: {
  readonly adminUrl: string;
  readonly services: readonly string[];
  readonly keysFolder: string;
}): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const service of options.services) {
    const file = join(options.keysFolder, `postgres-${service}`);
    const password = await readOrMake(file, () => randomBytes(24).toString('base64url'));
    const name = `gatehouse_${service}`;
    const owner = { role: name, password };
    urls.set(service, await ensureDatabase({ adminUrl: options.adminUrl, database: name, owner }));
  }
  return urls;
}
