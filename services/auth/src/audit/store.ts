import type { Database } from '@gatehouse/postgres';
import { accountRecords } from '../accounts/store.ts';
import { changeRecords } from '../changes/store.ts';
import { clientRecords } from '../clients/store.ts';
import type { AuditRecords, Records, Store } from '../common/base.ts';
import type { AuthTables, Db } from '../database.ts';
import { grantRecords } from '../grants/store.ts';
import { passportKeyRecords } from '../keys/passport-key-store.ts';
import { signingKeyRecords } from '../keys/store.ts';
import { refreshTokenRecords } from '../sessions/refresh-token-store.ts';
import { sessionRecords } from '../sessions/store.ts';

/** The use cases' store on Postgres. */
export function postgresStore(database: Database<AuthTables>): Store {
  return {
    read: recordsOn(database.read),
    transaction: (work) => database.transaction((tx) => work(recordsOn(tx))),
  };
}

function recordsOn(db: Db): Records {
  return {
    accounts: accountRecords(db),
    sessions: sessionRecords(db),
    refreshTokens: refreshTokenRecords(db),
    changes: changeRecords(db),
    passportKeys: passportKeyRecords(db),
    clients: clientRecords(db),
    grants: grantRecords(db),
    signingKeys: signingKeyRecords(db),
    audit: auditRecords(db),
  };
}

function auditRecords(db: Db): AuditRecords {
  return {
    async add(entry, origin, now) {
      await db
        .insertInto('audit')
        .values({
          ...entry,
          at: now,
          client_address: origin.address,
          trace_id: origin.traceId,
        })
        .execute();
    },
  };
}
