/** Clients and their secrets in the database. */
import { type Selectable, sql } from '@gatehouse/postgres';
import type { Db } from '../database.ts';
import type { Client, ClientSecret, ClientWithSecrets } from './rules.ts';
import type { ClientSecretTable, ClientTable } from './tables.ts';

/** @returns false when the name or the workload is taken. */
export async function insert(db: Db, client: Client): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('client')
    .values({
      client_id: client.id,
      name: client.name,
      scopes: [...client.scopes],
      workload: client.workload ?? null,
      version: firstVersion(client.workload),
      created_at: client.createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** By name, with the secrets that are valid now. */
export async function list(db: Db, now: Date): Promise<readonly ClientWithSecrets[]> {
  return together(await withSecrets(db, now).orderBy('client.name').execute());
}

/** Some, with the secrets that are valid now; those that there are. */
export async function findMany(
  db: Db,
  clientIds: readonly string[],
  now: Date,
): Promise<readonly ClientWithSecrets[]> {
  // One parameter whatever their number: one statement, which is planned once.
  const isAsked = sql<boolean>`client.client_id = ANY(${clientIds})`;
  return together(await withSecrets(db, now).where(isAsked).execute());
}

export async function findByWorkload(db: Db, workload: string): Promise<Client | undefined> {
  const row = await db
    .selectFrom('client')
    .selectAll()
    .where('workload', '=', workload)
    // The one that is not disabled, where there is one.
    .orderBy('disabled_at', (order) => order.desc().nullsFirst())
    .executeTakeFirst();
  return row && clientOf(row);
}

/** No one else changes the row until the transaction ends. */
export async function hold(db: Db, clientId: string): Promise<Client | undefined> {
  const row = await db
    .selectFrom('client')
    .selectAll()
    .where('client_id', '=', clientId)
    .forUpdate()
    .executeTakeFirst();
  return row && clientOf(row);
}

/** Raises the version. @returns the new one; undefined when it was disabled already. */
export async function disable(db: Db, clientId: string, now: Date): Promise<number | undefined> {
  const row = await db
    .updateTable('client')
    .set({ disabled_at: now, version: sql<number>`version + 1` })
    .where('client_id', '=', clientId)
    .where('disabled_at', 'is', null)
    .returning('version')
    .executeTakeFirst();
  return row?.version;
}

export async function addSecret(db: Db, clientId: string, secret: ClientSecret): Promise<void> {
  await db
    .insertInto('client_secret')
    .values({
      secret_id: secret.id,
      client_id: clientId,
      secret_hash: secret.hash,
      created_at: secret.createdAt,
      expires_at: secret.expiresAt ?? null,
    })
    .execute();
}

/**
 * Ends every secret but the newest, and that one at `endsAt`.
 *
 * @returns whether one is left that ends later than it was made to.
 */
export async function endSecrets(db: Db, clientId: string, endsAt: Date): Promise<boolean> {
  // Only the newest has no end: those that a rotation gave one are older still.
  await db
    .deleteFrom('client_secret')
    .where('client_id', '=', clientId)
    .where('expires_at', 'is not', null)
    .execute();
  const { numUpdatedRows } = await db
    .updateTable('client_secret')
    .set({ expires_at: endsAt })
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Ends every secret. */
export async function deleteSecrets(db: Db, clientId: string): Promise<void> {
  await db.deleteFrom('client_secret').where('client_id', '=', clientId).execute();
}

// The change of a disabled client refuses the lower versions of its workload for a while.
function firstVersion(workload: string | undefined) {
  return sql<number>`1 + coalesce((SELECT max(version) FROM client WHERE workload = ${workload ?? null}), 0)`;
}

const KIDS = sql<readonly string[]>`array(
  SELECT kid FROM client_key WHERE client_key.client_id = client.client_id ORDER BY created_at DESC)`;

// A client without secrets has one row, in which those columns are null.
function withSecrets(db: Db, now: Date) {
  return db
    .selectFrom('client')
    .leftJoin('client_secret as secret', (join) =>
      join
        .onRef('secret.client_id', '=', 'client.client_id')
        .on((on) =>
          on.or([on('secret.expires_at', 'is', null), on('secret.expires_at', '>', now)]),
        ),
    )
    .selectAll('client')
    .select([
      KIDS.as('kids'),
      'secret.secret_id',
      'secret.secret_hash',
      'secret.created_at as secret_created_at',
      'secret.expires_at',
    ])
    .orderBy('secret.created_at', 'desc')
    .orderBy('secret.secret_id', 'desc');
}

interface Row extends Selectable<ClientTable> {
  readonly kids: readonly string[];
  readonly secret_id: string | null;
  readonly secret_hash: Buffer | null;
  readonly secret_created_at: Date | null;
  readonly expires_at: Date | null;
}

function together(rows: readonly Row[]): readonly ClientWithSecrets[] {
  const clients = new Map<string, ClientWithSecrets & { readonly secrets: ClientSecret[] }>();
  for (const row of rows) {
    const client = clients.get(row.client_id) ?? { ...clientOf(row), kids: row.kids, secrets: [] };
    clients.set(row.client_id, client);
    const { secret_id, secret_hash, secret_created_at, expires_at } = row;
    if (secret_id === null || secret_hash === null || secret_created_at === null) continue;
    client.secrets.push(
      secretOf({ secret_id, secret_hash, created_at: secret_created_at, expires_at }),
    );
  }
  return [...clients.values()];
}

function secretOf(row: Omit<Selectable<ClientSecretTable>, 'client_id'>): ClientSecret {
  return {
    id: row.secret_id,
    hash: row.secret_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
  };
}

function clientOf(row: Selectable<ClientTable>): Client {
  return {
    id: row.client_id,
    name: row.name,
    scopes: row.scopes,
    workload: row.workload ?? undefined,
    version: row.version,
    createdAt: row.created_at,
    disabledAt: row.disabled_at ?? undefined,
  };
}
