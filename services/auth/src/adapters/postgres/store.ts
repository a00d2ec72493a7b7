import type { Database } from '@gatehouse/postgres';
import type { AuditRecords, Records, Store } from '../../application/ports.ts';
import { accountRecords } from './accounts.ts';
import { changeRecords } from './changes.ts';
import { clientRecords } from './clients.ts';
import { grantRecords } from './grants.ts';
import { passportKeyRecords } from './passport-keys.ts';
import { refreshTokenRecords } from './refresh-tokens.ts';
import { sessionRecords } from './sessions.ts';
import { signingKeyRecords } from './signing-keys.ts';
import type { AuthTables, Db } from './tables.ts';

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
