/** One Postgres for a whole run of tests: each file has databases of its own in it. */
import { openDatabase, sql } from '@gatehouse/postgres';
import { createTestDatabase, type TestPostgres } from './databases.ts';
import { startOwnTestPostgres } from './own.ts';

// Test files inherit the environment of the run.
const VARIABLE = 'TEST_POSTGRES_URL';
const CONNECTIONS = 300;

/** For the global setup of a run: starts the Postgres that its files share. @returns how to end it. */
export async function sharePostgres(): Promise<() => Promise<void>> {
  const { adminUrl, close } = await startOwnTestPostgres({ maxConnections: CONNECTIONS });
  process.env[VARIABLE] = adminUrl;
  return async () => {
    delete process.env[VARIABLE];
    await close();
  };
}

/**
 * A Postgres for databases of one's own: the one that the run shares, or where a file runs by itself,
 * one that is started for it. Nobody else sees the databases, and closing removes them.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const adminUrl = process.env[VARIABLE];
  if (adminUrl === undefined) return startOwnTestPostgres();
  const urls: string[] = [];
  return {
    createDatabase: async (name) => {
      const url = await createTestDatabase(adminUrl, name);
      urls.push(url);
      return url;
    },
    close: () => dropAll(adminUrl, urls.splice(0)),
  };
}

/** Ends whoever is connected still, as the end of a cluster does. */
async function dropAll(adminUrl: string, urls: readonly string[]): Promise<void> {
  const log = { info: () => undefined, warn: () => undefined };
  const admin = openDatabase<unknown>({ url: adminUrl, name: 'testing', log });
  try {
    for (const url of urls) {
      const name = sql.id(new URL(url).pathname.slice(1));
      await sql`drop database ${name} with (force)`.execute(admin.read);
      await sql`drop role ${name}`.execute(admin.read);
    }
  } finally {
    await admin.close();
  }
}
