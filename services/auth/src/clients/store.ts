import { type Selectable, sql } from '@gatehouse/postgres';
import type { ClientSecretTable, ClientTable, Db } from '../database.ts';
import type { ClientRecords, ClientWithSecrets } from './client-ports.ts';
import { clientKeyRecords } from './key-store.ts';
import type { Client, ClientSecret } from './rules.ts';

/** Clients and their secrets, by statements on `db`. */
export function clientRecords(db: Db): ClientRecords {
  return {
    async insert(client) {
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
    },

    async list(now) {
      return together(await withSecrets(db, now).orderBy('client.name').execute());
    },

    async findMany(clientIds, now) {
      // One parameter whatever their number: one statement, which is read once.
      const isAsked = sql<boolean>`client.client_id = ANY(${clientIds})`;
      return together(await withSecrets(db, now).where(isAsked).execute());
    },

    async findByWorkload(workload) {
      const row = await db
        .selectFrom('client')
        .selectAll()
        .where('workload', '=', workload)
        // The one that is not disabled, where there is one.
        .orderBy('disabled_at', (order) => order.desc().nullsFirst())
        .executeTakeFirst();
      return row && clientOf(row);
    },

    ...clientKeyRecords(db),

    async hold(clientId) {
      const row = await db
        .selectFrom('client')
        .selectAll()
        .where('client_id', '=', clientId)
        .forUpdate()
        .executeTakeFirst();
      return row && clientOf(row);
    },

    async disable(clientId, now) {
      const row = await db
        .updateTable('client')
        .set({ disabled_at: now, version: sql<number>`version + 1` })
        .where('client_id', '=', clientId)
        .where('disabled_at', 'is', null)
        .returning('version')
        .executeTakeFirst();
      return row?.version;
    },

    async addSecret(clientId, secret) {
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
    },

    async endSecrets(clientId, endsAt) {
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
    },

    async deleteSecrets(clientId) {
      await db.deleteFrom('client_secret').where('client_id', '=', clientId).execute();
    },
  };
}

// News of a disabled client refuses the lower versions of its workload for a while.
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
