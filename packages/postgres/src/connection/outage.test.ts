/** Postgres dies and comes back: in a file of its own, since it takes the server from everyone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { GatehouseError } from '@gatehouse/errors';
import { startOwnTestPostgres } from '@gatehouse/testing';
import { openDatabase, sql } from '../index.ts';

const unavailable = (error: unknown) =>
  error instanceof GatehouseError && error.code === 'postgres.unavailable';

test('a killed Postgres is UNAVAILABLE everywhere, ends nothing, and is found again', async (t) => {
  const server = await startOwnTestPostgres();
  t.after(() => server.close());
  const url = await server.createDatabase();
  const log = { info: () => undefined, warn: () => undefined };
  const db = openDatabase({ url, name: 'outage-test', log });
  t.after(() => db.close());

  // One connection lies idle, one is in the middle of a statement, one between two statements.
  await Promise.all([db.check(), sql`select pg_sleep(0.01)`.execute(db.read), db.check()]);
  const killed = Promise.withResolvers<void>();
  const between = db.transaction(async (tx) => {
    await sql`select 1`.execute(tx);
    await killed.promise;
    await sql`select 2`.execute(tx);
  });
  const betweenFails = assert.rejects(between, unavailable);
  const during = assert.rejects(sql`select pg_sleep(60)`.execute(db.read), unavailable);
  await db.check();
  await server.kill();
  await during;
  killed.resolve();
  await betweenFails;

  await assert.rejects(db.check(), unavailable);
  await assert.rejects(sql`select 1`.execute(db.read), unavailable);
  await assert.rejects(
    db.transaction((tx) => sql`select 1`.execute(tx)),
    unavailable,
  );
  await assert.rejects(db.migrate(new URL('../', import.meta.url)), unavailable);

  await server.start();
  await db.check();
  assert.deepEqual((await sql`select 1 as one`.execute(db.read)).rows, [{ one: 1 }]);
  await db.transaction((tx) => sql`select 1`.execute(tx));
});

test('an idle connection that is lost is logged without its password, and ends nothing', async (t) => {
  const server = await startOwnTestPostgres();
  t.after(() => server.close());
  const url = await server.createDatabase();
  const warned = Promise.withResolvers<object>();
  const log = { info: () => undefined, warn: warned.resolve };
  const db = openDatabase({ url, name: 'idle-test', log });
  const admin = openDatabase({ url: server.adminUrl, name: 'admin-test', log });
  t.after(() => Promise.all([db.close(), admin.close()]));
  await db.check();
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'idle-test'`.execute(admin.read);
  const fields = await warned.promise;
  assert.ok(!inspect(fields, { depth: 10, showHidden: true }).includes(new URL(url).password));
  await db.check();
});
