/** Databases of tests, in whichever Postgres there is. */
import { randomBytes } from 'node:crypto';
import { ensureDatabase } from '@gatehouse/postgres';

/** A Postgres that databases can be had from. */
export interface TestPostgres {
  /**
   * Makes an empty database with an owner of its own.
   *
   * @param name - letters of a to z, digits and `_`. Default: one that nobody used.
   * @returns the owner's URL, as a service's `DATABASE_URL` would be.
   */
  createDatabase(name?: string): Promise<string>;
  /** Removes what was made in it. Safe to call again. */
  close(): Promise<void>;
}

/** @param name - of the database and of its owner. */
export function createTestDatabase(
  adminUrl: string,
  name: string = `test_${randomBytes(6).toString('hex')}`,
): Promise<string> {
  const owner = { role: name, password: randomBytes(16).toString('hex') };
  return ensureDatabase({ adminUrl, database: name, owner });
}
