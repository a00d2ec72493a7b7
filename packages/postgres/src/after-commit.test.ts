/** What is done after a commit: once, for the attempt that counts, and for no other. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startTestPostgres, type TestPostgres } from '@gatehouse/testing';
import { afterCommit, type Database, openDatabase, sql } from './index.ts';

interface Tables {
  readonly counter: { id: number; value: number };
}

const warned: object[] = [];
const log = { info: () => undefined, warn: (fields: object) => void warned.push(fields) };
let server: TestPostgres;
let db: Database<Tables>;

before(async () => {
  server = await startTestPostgres();
  db = openDatabase({ url: await server.createDatabase(), name: 'after-commit-test', log });
  await sql`create table counter (id int4 primary key, value int4 not null)`.execute(db.read);
});

after(async () => {
  await db.close();
  await server.close();
});

beforeEach(async () => {
  warned.length = 0;
  await sql`truncate counter`.execute(db.read);
  await db.read.insertInto('counter').values({ id: 1, value: 0 }).execute();
});

const read = () => db.read.selectFrom('counter').select('value').executeTakeFirstOrThrow();

test('hooks run in their order, when what was written can be seen by others', async () => {
  const order: string[] = [];
  const seen = Promise.withResolvers<number>();
  const result = await db.transaction(async (tx) => {
    afterCommit(tx, async () => seen.resolve((await read()).value));
    afterCommit(tx, () => void order.push('first'));
    afterCommit(tx, () => void order.push('second'));
    await tx.updateTable('counter').set({ value: 7 }).execute();
    order.push('work');
    return 'result';
  });
  assert.equal(result, 'result');
  assert.deepEqual(order, ['work', 'first', 'second']);
  assert.equal(await seen.promise, 7);
});

test('a transaction that is run again has its hooks run once', async () => {
  let attempts = 0;
  const committed: number[] = [];
  const increment = () =>
    db.transaction(
      async (tx) => {
        attempts += 1;
        const attempt = attempts;
        afterCommit(tx, () => void committed.push(attempt));
        const { value } = await tx.selectFrom('counter').select('value').executeTakeFirstOrThrow();
        // The other one changes what was read, so that this attempt cannot be committed.
        if (attempt === 1) await sql`update counter set value = 10`.execute(db.read);
        await tx
          .updateTable('counter')
          .set({ value: value + 1 })
          .execute();
      },
      { isolationLevel: 'repeatable read' },
    );
  await increment();
  assert.equal(attempts, 2);
  assert.deepEqual(committed, [2]);
  assert.equal((await read()).value, 11);
});

test('a transaction that is undone has no hooks run', async () => {
  let ran = false;
  const work = db.transaction(async (tx) => {
    afterCommit(tx, () => {
      ran = true;
    });
    throw new Error('changed its mind');
  });
  await assert.rejects(work, /changed its mind/);
  assert.equal(ran, false);
});

test('a hook that fails is logged, and neither the transaction nor the next hook knows of it', async () => {
  let next = false;
  await db.transaction(async (tx) => {
    afterCommit(tx, () => {
      throw new Error('at once');
    });
    afterCommit(tx, () => Promise.reject(new Error('later')));
    afterCommit(tx, () => {
      next = true;
    });
    await tx.updateTable('counter').set({ value: 1 }).execute();
  });
  assert.equal(next, true);
  assert.equal((await read()).value, 1);
  assert.equal(warned.length, 2);
});

test('what is no transaction of a database is refused', async () => {
  await db.read.transaction().execute(async (tx) => {
    assert.throws(() => afterCommit(tx, () => undefined), /takes the tx of Database\.transaction/);
  });
});
