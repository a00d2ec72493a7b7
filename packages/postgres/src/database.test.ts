import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { GatehouseError } from '@gatehouse/errors';
import { startTestPostgres } from '@gatehouse/testing';
import {
  type Database,
  type DatabaseOptions,
  isUniqueViolation,
  openDatabase,
  SqlError,
  sql,
} from './index.ts';

const server = await startTestPostgres();
after(() => server.close());

interface Tables {
  readonly account: { id: bigint; email: string; balance: number; opened_at: Date; born: string };
}

const TABLE = sql`create table account (
  id int8 primary key, email text not null constraint account_email_taken unique,
  balance int4 not null default 0, opened_at timestamptz not null default now(),
  born date not null default '2000-02-29')`;

const quiet = { info: () => undefined, warn: () => undefined };

async function open(t: TestContext, options: Partial<DatabaseOptions> = {}) {
  const url = await server.createDatabase();
  const db = openDatabase<Tables>({ url, name: 'database-test', log: quiet, ...options });
  t.after(() => db.close());
  await TABLE.execute(db.read);
  return db;
}

async function put(db: Database<Tables>, ...ids: number[]): Promise<void> {
  const rows = ids.map((id) => ({ id: BigInt(id), email: `${id}@example.org` }));
  await sql`insert into account (id, email) select * from unnest(
    ${rows.map((row) => row.id)}::int8[], ${rows.map((row) => row.email)}::text[])`.execute(
    db.read,
  );
}

function withCode(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof GatehouseError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

test('values come in the types that hold them', async (t) => {
  const db = await open(t);
  const id = 2n ** 62n + 1n;
  await sql`insert into account (id, email) values (${id}, 'a@example.org')`.execute(db.read);
  const row = await db.read.selectFrom('account').selectAll().executeTakeFirstOrThrow();
  assert.equal(row.id, id);
  assert.ok(row.opened_at instanceof Date);
  assert.equal(row.born, '2000-02-29');
});

test('a transaction is committed when its work returns and undone when it throws', async (t) => {
  const db = await open(t);
  await put(db, 1);
  const raise = (balance: number) => (tx: Pick<Database<Tables>['read'], 'updateTable'>) =>
    tx.updateTable('account').set({ balance }).execute();
  await db.transaction(raise(5));
  const failing = db.transaction(async (tx) => {
    await raise(9)(tx);
    throw new Error('changed my mind');
  });
  await assert.rejects(failing, /changed my mind/);
  assert.equal((await db.read.selectFrom('account').select('balance').execute())[0]?.balance, 5);
});

test('two transactions that conflict are both done in the end', async (t) => {
  const db = await open(t);
  await put(db, 1);
  let attempts = 0;
  const bothHaveRead = Promise.withResolvers<void>();
  let readers = 0;
  const increment = () =>
    db.transaction(
      async (tx) => {
        attempts += 1;
        const { balance } = await tx
          .selectFrom('account')
          .select('balance')
          .executeTakeFirstOrThrow();
        readers += 1;
        if (readers === 2) bothHaveRead.resolve();
        await bothHaveRead.promise;
        await tx
          .updateTable('account')
          .set({ balance: balance + 1 })
          .execute();
      },
      { isolationLevel: 'serializable' },
    );
  await Promise.all([increment(), increment()]);
  assert.equal((await db.read.selectFrom('account').select('balance').execute())[0]?.balance, 2);
  assert.equal(attempts, 3);
});

test('a deadlock is broken and both transactions are done', async (t) => {
  const db = await open(t);
  await put(db, 1, 2);
  const bothHold = Promise.withResolvers<void>();
  let holders = 0;
  const add = (first: bigint, second: bigint) =>
    db.transaction(async (tx) => {
      const one = (id: bigint) =>
        tx
          .updateTable('account')
          .set((eb) => ({ balance: eb('balance', '+', 1) }))
          .where('id', '=', id)
          .execute();
      await one(first);
      holders += 1;
      if (holders === 2) bothHold.resolve();
      await bothHold.promise;
      await one(second);
    });
  await Promise.all([add(1n, 2n), add(2n, 1n)]);
  const rows = await db.read.selectFrom('account').select('balance').execute();
  assert.deepEqual(rows, [{ balance: 2 }, { balance: 2 }]);
});

test('a conflict that does not end is ABORTED after six attempts', async (t) => {
  const db = await open(t);
  let attempts = 0;
  const conflicting = db.transaction(async (tx) => {
    attempts += 1;
    await sql`do $$ begin raise exception sqlstate '40001'; end $$`.execute(tx);
  });
  await assert.rejects(conflicting, withCode('postgres.conflict'));
  assert.equal(attempts, 6);
});

test('a unique violation is told by its constraint, and shows no row', async (t) => {
  const db = await open(t);
  await put(db, 1);
  const again = sql`insert into account (id, email) values (2, ${'1@example.org'})`.execute(
    db.read,
  );
  await assert.rejects(again, (error: unknown) => {
    assert.ok(isUniqueViolation(error) && isUniqueViolation(error, 'account_email_taken'));
    assert.ok(!isUniqueViolation(error, 'account_pkey'));
    assert.ok(error instanceof SqlError);
    assert.deepEqual([error.sqlState, error.table], ['23505', 'account']);
    assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes('1@example.org'));
    return true;
  });
});

test('a value that Postgres cannot read is not quoted in the error', async (t) => {
  const db = await open(t);
  const bad = sql`select ${'hunter2'}::text::int`.execute(db.read);
  await assert.rejects(bad, (error: unknown) => {
    assert.ok(error instanceof SqlError && error.sqlState === '22P02');
    assert.ok(!String(error.stack).includes('hunter2'));
    return true;
  });
});

test('a statement that the server cuts short is DEADLINE_EXCEEDED, and the next one works', async (t) => {
  const db = await open(t, { maxConnections: 1 });
  const slow = db.transaction(async (tx) => {
    await sql`set local statement_timeout = 20`.execute(tx);
    await sql`select pg_sleep(60)`.execute(tx);
  });
  await assert.rejects(slow, withCode('postgres.timeout'));
  await db.check();
});

test('when all connections are taken, waiting ends as UNAVAILABLE', async (t) => {
  const db = await open(t, { maxConnections: 1, connectTimeoutMs: 1_000 });
  const done = Promise.withResolvers<void>();
  const holding = Promise.withResolvers<void>();
  const holder = db.transaction(async () => {
    holding.resolve();
    await done.promise;
  });
  await holding.promise;
  await assert.rejects(db.read.selectFrom('account').selectAll().execute(), (error: unknown) => {
    withCode('postgres.unavailable')(error);
    assert.ok(error instanceof GatehouseError && error.retryAfterSeconds === 1);
    return true;
  });
  done.resolve();
  await holder;
  assert.deepEqual(await db.read.selectFrom('account').selectAll().execute(), []);
});

test('closing waits for what is running, can be repeated, and then no connection is available', async (t) => {
  const db = await open(t);
  const running = sql`select pg_sleep(0.05)`.execute(db.read);
  await db.check();
  await Promise.all([db.close(), db.close(), running]);
  await assert.rejects(db.check(), withCode('postgres.unavailable'));
});

test('a database can be opened while it is unavailable, and a bad URL is rejected unquoted', async () => {
  const unreachable = openDatabase({ url: 'postgres://127.0.0.1:1/c', name: 'x', log: quiet });
  await assert.rejects(unreachable.check(), withCode('postgres.unavailable'));
  await unreachable.close();
  const mysql = new URL('mysql://127.0.0.1/d');
  mysql.password = 'hunter2';
  for (const url of [mysql.href, 'hunter2']) {
    assert.throws(
      () => openDatabase({ url, name: 'x', log: quiet }),
      (error: unknown) => !inspect(error).includes('hunter2'),
    );
  }
});
