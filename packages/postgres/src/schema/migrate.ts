import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { openConnection } from '../connection/connection.ts';
import type { Log } from '../connection/pool.ts';
import { postgresErrors, SqlError, statementErrorOf } from '../errors.ts';

/** The connection on which migrations run: one of its own, without a limit on a statement's time. */
export interface MigrateOptions {
  readonly url: string;
  readonly name: string;
  readonly connectTimeoutMs: number;
  readonly log: Log;
}

/** Migrations that a package brings along, beside those of the service. */
export interface MigrationSet {
  /** What its migrations are known by, for good: `'lease'`. Lower-case letters, digits, `_` and `-`. */
  readonly name: string;
  /** A `file:` URL that ends in `/`, with `0001_name.sql` and so on. */
  readonly folder: URL;
}

interface Migration {
  /** `0001_name.sql`, in a set `lease/0001_name.sql`. */
  readonly name: string;
  readonly statements: string;
  readonly checksum: string;
}

const FILE_NAME = /^\d{4}_[a-z0-9_]+\.sql$/;
const SET_NAME = /^[a-z][a-z0-9_-]*$/;
// Any number will do that nobody else locks in the same database.
const LOCK_KEY = 7_402_961_180_217_341n;
const HISTORY = `create table if not exists schema_migration (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
)`;

/** Migrations that run in an order of their own. */
interface Plan {
  /** `lease/`; empty for those of the service itself. */
  readonly prefix: string;
  readonly migrations: readonly Migration[];
}

/** See `Database.migrate`. */
export async function migrate(
  folder: URL,
  sets: readonly MigrationSet[],
  options: MigrateOptions,
): Promise<readonly string[]> {
  const plans = await Promise.all([...sets.map(planOf), planOf({ name: '', folder })]);
  const client = await connect(options);
  const done: string[] = [];
  try {
    for (const plan of plans) {
      for (;;) {
        const name = await runNext(client, plan);
        if (name === undefined) break;
        options.log.info({ migration: name }, 'ran a migration');
        done.push(name);
      }
    }
    return done;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function planOf({ name, folder }: MigrationSet): Promise<Plan> {
  if (name !== '' && !SET_NAME.test(name)) throw misfit(`"${name}" cannot name a set`);
  const prefix = name === '' ? '' : `${name}/`;
  const migrations = await readMigrations(folder);
  return { prefix, migrations: migrations.map((each) => ({ ...each, name: prefix + each.name })) };
}

async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const numbers = new Set<string>();
  for (const name of names) {
    if (!FILE_NAME.test(name)) throw misfit(`${name} is not named like 0001_name.sql`);
    const number = name.slice(0, 4);
    if (numbers.has(number)) throw misfit(`there are two migrations ${number}`);
    numbers.add(number);
  }
  return Promise.all(names.map((name) => readMigration(folder, name)));
}

async function readMigration(folder: URL, name: string): Promise<Migration> {
  const text = await readFile(new URL(name, folder), 'utf8');
  // A checkout may change the ends of lines, which changes nothing of what is meant.
  const statements = text.replaceAll('\r\n', '\n');
  return { name, statements, checksum: createHash('sha256').update(statements).digest('hex') };
}

function connect(options: MigrateOptions): Promise<pg.Client> {
  return openConnection({
    connectionString: options.url,
    application_name: `${options.name} migrations`,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
  });
}

/** Runs the first migration that is still to be run, under the lock; its name, or undefined. */
async function runNext(
  client: pg.Client,
  { prefix, migrations }: Plan,
): Promise<string | undefined> {
  let next: Migration | undefined;
  try {
    await client.query('begin');
    // Held until the transaction ends, so a replica that starts with us waits, and then finds it done.
    await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
    await client.query(HISTORY);
    const { rows } = await client.query<{ name: string; checksum: string }>(
      'select name, checksum from schema_migration order by name',
    );
    next = nextOf(
      migrations,
      rows.filter(({ name }) => name.slice(0, name.indexOf('/') + 1) === prefix),
    );
    if (next !== undefined) await runOne(client, next);
    await client.query('commit');
    return next?.name;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw failureOf(error, next);
  }
}

async function runOne(client: pg.Client, migration: Migration): Promise<void> {
  await client.query(migration.statements);
  await client.query('insert into schema_migration (name, checksum) values ($1, $2)', [
    migration.name,
    migration.checksum,
  ]);
}

function nextOf(
  migrations: readonly Migration[],
  applied: readonly { readonly name: string; readonly checksum: string }[],
): Migration | undefined {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum } of applied) {
    const migration = byName.get(name);
    if (migration === undefined) throw misfit(`${name} was run before and is gone`);
    if (migration.checksum !== checksum) throw misfit(`${name} was changed after it was run`);
  }
  const next = migrations[applied.length];
  const done = new Set(applied.map(({ name }) => name));
  const first = migrations.find(({ name }) => !done.has(name))?.name;
  if (first !== undefined && first !== next?.name) {
    throw misfit(`${first} comes before ${applied.at(-1)?.name}, which was run already`);
  }
  return next;
}

function failureOf(error: unknown, running: Migration | undefined): Error {
  const ours = statementErrorOf(error);
  if (running === undefined || !(ours instanceof SqlError)) return ours;
  return misfit(`${running.name} failed: ${ours.message}`, ours);
}

function misfit(reason: string, cause?: Error): Error {
  return postgresErrors.MIGRATION({
    cause: new Error(reason, cause === undefined ? undefined : { cause }),
  });
}
