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
import { ConfigError } from '../config/errors.ts';
import type { ServiceParts } from '../process/parts.ts';

const BACK_OFF = { firstMs: 100, maxMs: 3_000 };

/** The tables of a service. */
export interface Schema {
  /** Its own migrations: a `file:` URL that ends in `/`. */
  readonly migrations: URL;
  /** Those of packages that keep tables beside its own, such as `LEASES`. */
  readonly sets?: readonly MigrationSet[];
}

/**
 * Opens the database at DATABASE_URL and migrates it. While it is unavailable, retries with back-off
 * from 0.1 to 3 s.
 *
 * @throws ConfigError when the URL is none of Postgres, or asks for TLS in a way that cannot be.
 * @throws what `migrate` throws, except that the database is unavailable; the reason of an aborted start.
 */
export async function openServiceDatabase<Tables>(
  { name, env, log, readiness, closers, signal }: ServiceParts,
  { migrations, sets }: Schema,
): Promise<Database<Tables>> {
  const database = open<Tables>({ url: env.string('DATABASE_URL'), name, log });
  closers.add('database', () => database.close());
  readiness.add('database', () => database.check());
  for (let failures = 1; ; failures += 1) {
    const retryInMs = backOffMs(failures, BACK_OFF);
    signal.throwIfAborted();
    try {
      await database.check();
      const applied = await database.migrate(migrations, sets);
      if (applied.length > 0) log.info({ applied }, 'database migrated');
      return database;
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.kind !== 'UNAVAILABLE') throw error;
      log.warn({ err: error, retryInMs }, 'database unavailable, retrying');
    }
    await delay(retryInMs, undefined, { signal });
  }
}

function open<Tables>(options: Parameters<typeof openDatabase>[0]): Database<Tables> {
  try {
    return openDatabase<Tables>(options);
  } catch (thrown) {
    if (thrown instanceof DatabaseUrlError) {
      throw new ConfigError('DATABASE_URL', `is not good: ${thrown.message}`);
    }
    throw new ConfigError('DATABASE_URL', 'must be like postgres://role:password@host:5432/name');
  }
}
