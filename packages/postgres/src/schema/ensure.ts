import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { openConnection } from '../connection/connection.ts';
import { statementErrorOf } from '../errors.ts';

/** A database that must exist, and the role that must own it. */
export interface EnsureDatabaseOptions {
  /** A connection that may make roles and databases, to any database of the server. */
  readonly adminUrl: string;
  /** Letters of a to z, digits and `_`, beginning with a letter, 63 at most. */
  readonly database: string;
  readonly owner: {
    /** Spelled as the database's name. */
    readonly role: string;
    /** 16 printable ASCII characters or more. Replaces the one the role had. */
    readonly password: string;
  };
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;
const PASSWORD = /^[\x21-\x7e]{16,}$/;
const LOCK_KEY = 7_402_961_180_217_342n;
const SCRAM_ITERATIONS = 4_096;

/**
 * Makes a database and the role that owns it, where they are missing. Safe to repeat, also by two at
 * the same time. No other role may connect to the database, superusers apart.
 *
 * @example
 * ```ts
 * import { ensureDatabase } from '@gatehouse/postgres';
 *
 * const url = await ensureDatabase({
 *   adminUrl: 'postgres://postgres:secret@localhost:5432/postgres',
 *   database: 'gatehouse_notes',
 *   owner: { role: 'gatehouse_notes', password: 'at least 16 characters'.replaceAll(' ', '-') },
 * });
 * console.log(new URL(url).pathname); // /gatehouse_notes
 * ```
 * @returns the URL with which the owner connects.
 * @throws Error when a name or the password is invalid; `postgres.unavailable`; `SqlError`
 *   when the admin may not do this.
 */
export async function ensureDatabase(options: EnsureDatabaseOptions): Promise<string> {
  const { database, owner } = options;
  if (!NAME.test(database)) throw new Error('the database name must be like board_service');
  if (!NAME.test(owner.role)) throw new Error('the role name must be like board_service');
  if (!PASSWORD.test(owner.password)) {
    throw new Error('the password must be 16 printable ASCII characters or more');
  }
  const client = await connect(options.adminUrl);
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    await ensureRole(client, owner);
    await ensureOwned(client, database, owner.role);
  } catch (error) {
    throw statementErrorOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
  return ownerUrl(options);
}

/** What an admin connection is good for. */
export interface AdminReport {
  /** Of the server: `18.1`. */
  readonly version: string;
  /** Whether its role may make roles and databases. */
  readonly mayCreate: boolean;
}

/**
 * Checks whether `ensureDatabase` could do its work with a connection. Changes nothing.
 *
 * @example
 * ```ts
 * import { checkAdmin } from '@gatehouse/postgres';
 *
 * const { version, mayCreate } = await checkAdmin('postgres://postgres:secret@localhost:5432/postgres');
 * if (!mayCreate) console.error(`the role may not make databases on this Postgres ${version}`);
 * ```
 * @throws GatehouseError `postgres.unavailable`; `SqlError` when the server refuses it.
 */
export async function checkAdmin(adminUrl: string): Promise<AdminReport> {
  const client = await connect(adminUrl);
  try {
    const { rows } = await client.query<{ version: string; may_create: boolean }>(
      `select current_setting('server_version') as version,
              rolsuper or (rolcreaterole and rolcreatedb) as may_create
         from pg_roles where rolname = current_user`,
    );
    const [row] = rows;
    return { version: row?.version ?? '', mayCreate: row?.may_create ?? false };
  } catch (error) {
    throw statementErrorOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function connect(url: string): Promise<pg.Client> {
  return openConnection({
    connectionString: url,
    application_name: 'gatehouse set-up',
    connectionTimeoutMillis: 5_000,
  });
}

async function ensureRole(client: pg.Client, owner: EnsureDatabaseOptions['owner']): Promise<void> {
  const known = await client.query('select 1 from pg_roles where rolname = $1', [owner.role]);
  const verb = known.rowCount === 0 ? 'create' : 'alter';
  // Names and verifier were checked or made here, and hold nothing that ends a quoted word. The
  // verifier goes in place of the password, because a server may log this statement.
  await client.query(
    `${verb} role "${owner.role}" login password '${scramVerifier(owner.password)}'`,
  );
}

async function ensureOwned(client: pg.Client, database: string, role: string): Promise<void> {
  const known = await client.query('select 1 from pg_database where datname = $1', [database]);
  if (known.rowCount !== 0) return;
  // An admin that is no superuser may give a database only to a role that it is a member of.
  await client.query(
    `do $$ begin
      if not (select rolsuper from pg_roles where rolname = current_user) then
        grant "${role}" to current_user;
      end if;
    end $$`,
  );
  await client.query(
    `create database "${database}" owner "${role}" encoding 'UTF8' template template0`,
  );
  await client.query(`revoke all on database "${database}" from public`);
}

// RFC 5803, in the spelling of pg_authid.rolpassword.
function scramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function ownerUrl({ adminUrl, database, owner }: EnsureDatabaseOptions): string {
  const url = new URL(adminUrl);
  url.username = owner.role;
  url.password = encodeURIComponent(owner.password);
  url.pathname = `/${database}`;
  return url.href;
}
