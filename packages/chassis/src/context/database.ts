/** Opens a service's database at its start, however long Postgres takes to come. */
import { setTimeout as delay } from 'node:timers/promises';
import { GatehouseError } from '@gatehouse/errors';
import {
  type Database,
  DatabaseUrlError,
  type MigrationSet,
  openDatabase,
} from '@gatehouse/postgres';
import { backOffMs } from '@gatehouse/runtime';
import type { Logger } from 'pino';
import { ConfigError } from '../config/errors.ts';

const BACK_OFF = { firstMs: 100, maxMs: 3_000 };

/** What a database is opened with. */
export interface OpenOptions {
  readonly url: string;
  readonly name: string;
  readonly log: Logger;
}

/** @throws ConfigError when the URL is none of Postgres, or asks for TLS in a way that cannot be. */
export function openServiceDatabase<Tables>({ url, name, log }: OpenOptions): Database<Tables> {
  try {
    return openDatabase<Tables>({ url, name, log });
  } catch (thrown) {
    if (thrown instanceof DatabaseUrlError) {
      throw new ConfigError('DATABASE_URL', `is not good: ${thrown.message}`);
    }
    throw new ConfigError('DATABASE_URL', 'must be like postgres://role:password@host:5432/name');
  }
}

/** The tables of a service. */
export interface Schema {
  /** Its own migrations: a `file:` URL that ends in `/`. */
  readonly migrations: URL;
  /** Those of packages that keep tables beside its own, such as `LEASES`. */
  readonly sets?: readonly MigrationSet[];
}

/** How long a database is waited for. */
export interface MigrateOptions extends Schema {
  readonly log: Logger;
  /** Ends the waiting; then the reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Migrates, and while the database is unavailable, waits with back-off from 0.1 to 3 s.
 *
 * @throws what `migrate` throws, except that the database is unavailable.
 */
export async function migrateWhenThere<Tables>(
  database: Database<Tables>,
  { migrations, sets, log, signal }: MigrateOptions,
): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    const retryInMs = backOffMs(failures, BACK_OFF);
    signal.throwIfAborted();
    try {
      await database.check();
      const applied = await database.migrate(migrations, sets);
      if (applied.length > 0) log.info({ applied }, 'the database was migrated');
      return;
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.kind !== 'UNAVAILABLE') throw error;
      log.warn({ err: error, retryInMs }, 'database unavailable, retrying');
    }
    await delay(retryInMs, undefined, { signal });
  }
}
