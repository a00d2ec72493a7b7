/** The databases of the services, each with a role of its own and a password of this clone. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ensureDatabase } from '@gatehouse/postgres';
import { PlatformError } from '../errors.ts';
import { readOrCreate } from '../files.ts';

/**
 * Creates `gatehouse_<service>` for each service, owned by a role of the same name. Passwords are kept
 * in `<folder>/postgres-<service>` (0600); what the role had before is replaced, so two data folders
 * cannot share one server.
 *
 * @returns service → the URL with which it connects.
 * @throws PlatformError when the server is unreachable, or its role lacks rights.
 */
export async function ensureDatabases(options: {
  readonly adminUrl: string;
  readonly services: readonly string[];
  readonly keysFolder: string;
}): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const service of options.services) {
    const file = join(options.keysFolder, `postgres-${service}`);
    const password = await readOrCreate(file, () => randomBytes(24).toString('base64url'));
    const name = `gatehouse_${service}`;
    const owner = { role: name, password };
    const wanted = { adminUrl: options.adminUrl, database: name, owner };
    urls.set(service, await ensureDatabase(wanted).catch(explain));
  }
  return urls;
}

// The cause is Postgres's or the network's own word, and holds no password.
function explain(thrown: unknown): never {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  throw new PlatformError(
    `The databases could not be created: ${cause instanceof Error ? cause.message : String(cause)}.`,
    'With DATABASE_URL, it must be like postgres://ROLE:PASSWORD@HOST:PORT/postgres, and the role may create roles and databases. Otherwise see logs/postgres.log in the data folder.',
    { cause: thrown },
  );
}
