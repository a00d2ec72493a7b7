/** One holder at a time, and nothing written by one that lost its lease, however it was frozen. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startTestPostgres, type TestPostgres } from '@gatehouse/testing';
import {
  acquireLease,
  assertLease,
  type Database,
  holdsLease,
  isLeased,
  LEASES,
  type Lease,
  openDatabase,
  releaseLease,
  renewLease,
  sql,
} from './index.ts';

interface Tables {
  readonly work: { done_by: string };
  readonly lease: { name: string; expires_at: Date };
}

const log = { info: () => undefined, warn: () => undefined };
const NOWHERE = new URL('./test-support/no-migrations/', import.meta.url);
let server: TestPostgres;
let db: Database<Tables>;

before(async () => {
  server = await startTestPostgres();
  db = openDatabase({ url: await server.createDatabase(), name: 'lease-test', log });
  assert.deepEqual(await db.migrate(NOWHERE, [LEASES]), ['lease/0001_lease.sql']);
  await sql`create table work (done_by text not null)`.execute(db.read);
});

after(async () => {
  await db.close();
  await server.close();
});

beforeEach(async () => {
  await sql`truncate lease, work`.execute(db.read);
});

function acquire(holder: string, name = 'tidy'): Promise<Lease | undefined> {
  return acquireLease(db.read, { name, holder, ttlMs: 60_000 });
}

async function held(holder: string): Promise<Lease> {
  return (await acquire(holder)) ?? assert.fail(`${holder} did not get the lease`);
}

/** As if its holder had not renewed it for longer than it lasts. */
async function expire(): Promise<void> {
  await sql`update lease set expires_at = clock_timestamp() - interval '1 second'`.execute(db.read);
}

const write = (lease: Lease, by: string) =>
  db.transaction(async (tx) => {
    await assertLease(tx, lease);
    await tx.insertInto('work').values({ done_by: by }).execute();
  });

const written = async () =>
  (await db.read.selectFrom('work').select('done_by').execute()).map(({ done_by }) => done_by);

const lost = { code: 'postgres.lease_lost' };

test('of many that ask at the same time one gets the lease, and others of another name', async () => {
  const asked = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => acquire(holder)));
  assert.equal(asked.filter((lease) => lease !== undefined).length, 1);
  assert.equal(await acquire('a'), undefined, 'not even its holder');
  assert.ok(await acquire('e', 'count'));
});

test('a lease that was released is anyone’s at once, with a higher epoch', async () => {
  const first = await held('a');
  await write(first, 'a');
  await releaseLease(db.read, first);
  const second = await held('b');
  assert.ok(second.epoch > first.epoch);
  await releaseLease(db.read, first);
  assert.equal(await acquire('c'), undefined, 'a late release takes nothing from the next holder');
});

test('a renewed lease goes on, and one that expired is renewed if nobody took it', async () => {
  const lease = await held('a');
  await expire();
  assert.equal(await renewLease(db.read, lease), true);
  assert.equal(await acquire('b'), undefined);
  await expire();
  await held('b');
  assert.equal(await renewLease(db.read, lease), false);
  await assert.rejects(write(lease, 'a'), lost);
});

test('whether anyone has it can be asked', async () => {
  const ask = async () =>
    (await sql<{ leased: boolean }>`select ${isLeased('tidy')} as leased`.execute(db.read)).rows[0];
  assert.deepEqual(await ask(), { leased: false });
  await held('a');
  assert.deepEqual(await ask(), { leased: true });
  await expire();
  assert.deepEqual(await ask(), { leased: false });
});

test('a holder that was frozen between two writes writes nothing when it wakes', async () => {
  const frozen = await held('frozen');
  await write(frozen, 'frozen');
  await expire();
  const next = await held('next');
  await assert.rejects(write(frozen, 'frozen'), lost);
  const one = await sql`
    insert into work (done_by) select 'frozen' where ${holdsLease(frozen)}`.execute(db.read);
  assert.equal(one.numAffectedRows, 0n);
  await write(next, 'next');
  assert.deepEqual(await written(), ['frozen', 'next']);
});

test('a holder that is frozen inside a transaction holds the takeover back until that has ended', async () => {
  const frozen = await held('frozen');
  const [inside, wake] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const writing = db.transaction(async (tx) => {
    await assertLease(tx, frozen);
    inside.resolve();
    await wake.promise;
    await tx.insertInto('work').values({ done_by: 'frozen' }).execute();
  });
  await inside.promise;
  await expire();
  let hasTakenOver = false;
  const takeover = held('next').then(async (next) => {
    hasTakenOver = true;
    await write(next, 'next');
  });
  await waitingForLock();
  assert.equal(hasTakenOver, false);
  wake.resolve();
  await Promise.all([writing, takeover]);
  assert.deepEqual(await written(), ['frozen', 'next'], 'never the other way round');
});

test('renewals pass while writes under the lease are under way', async () => {
  const lease = await held('a');
  await db.transaction(async (tx) => {
    await assertLease(tx, lease);
    assert.equal(await renewLease(db.read, lease), true);
  });
});

/** Waits until a statement in this database waits for a lock. */
async function waitingForLock(): Promise<void> {
  const query = sql<{ n: bigint }>`select count(*) as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await query.execute(db.read)).rows[0]?.n === 0n);
}
