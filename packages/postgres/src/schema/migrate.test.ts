import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { GatehouseError } from '@gatehouse/errors';
import { startTestPostgres } from '@gatehouse/testing';
import { type Database, openDatabase, sql } from '../index.ts';

const server = await startTestPostgres();
after(() => server.close());

const log = { info: () => undefined, warn: () => undefined };
const FIRST = 'create table note (id int8 primary key); insert into note values (1);';
const SECOND = 'alter table note add column body text;';

interface Tables {
  readonly note: { id: bigint };
}

async function folderOf(t: TestContext, files: Record<string, string>): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-migrations-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return pathToFileURL(`${folder}/`);
}

async function opener(t: TestContext): Promise<() => Database<Tables>> {
  const url = await server.createDatabase();
  return () => {
    const db = openDatabase<Tables>({ url, name: 'migrate-test', log });
    t.after(() => db.close());
    return db;
  };
}

function names(...reasons: RegExp[]) {
  return (error: unknown) => {
    assert.ok(error instanceof GatehouseError);
    assert.equal(error.code, 'postgres.migration');
    for (const reason of reasons) assert.match(String(error.cause), reason);
    return true;
  };
}

test('migrations run once, in order, and a later one by itself', async (t) => {
  const db = (await opener(t))();
  const two = { '0001_note.sql': FIRST, '0002_body.sql': SECOND };
  const folder = await folderOf(t, two);
  assert.deepEqual(await db.migrate(folder), ['0001_note.sql', '0002_body.sql']);
  assert.deepEqual(await db.migrate(folder), []);
  const more = await folderOf(t, { ...two, '0003_drop.sql': 'alter table note drop column body;' });
  assert.deepEqual(await db.migrate(more), ['0003_drop.sql']);
});

test('replicas that start together run each migration once', async (t) => {
  const open = await opener(t);
  const folder = await folderOf(t, {
    '0001_note.sql': `${FIRST} select pg_sleep(0.05);`,
    '0002_body.sql': SECOND,
  });
  const ran = await Promise.all([open(), open(), open(), open()].map((db) => db.migrate(folder)));
  assert.deepEqual(ran.flat().sort(), ['0001_note.sql', '0002_body.sql']);
});

test('a migration that was changed after it ran is refused by name', async (t) => {
  const db = (await opener(t))();
  await db.migrate(await folderOf(t, { '0001_note.sql': FIRST }));
  const changed = await folderOf(t, { '0001_note.sql': `${FIRST} -- changed` });
  await assert.rejects(db.migrate(changed), names(/0001_note\.sql was changed/));
});

test('other ends of lines are no change', async (t) => {
  const db = (await opener(t))();
  await db.migrate(await folderOf(t, { '0001_note.sql': 'select 1;\nselect 2;\n' }));
  const crlf = await folderOf(t, { '0001_note.sql': 'select 1;\r\nselect 2;\r\n' });
  assert.deepEqual(await db.migrate(crlf), []);
});

test('a migration that ran and is gone is refused by name', async (t) => {
  const db = (await opener(t))();
  await db.migrate(await folderOf(t, { '0001_note.sql': FIRST, '0002_body.sql': SECOND }));
  const less = await folderOf(t, { '0001_note.sql': FIRST });
  await assert.rejects(db.migrate(less), names(/0002_body\.sql was run before and is gone/));
});

test('a migration that comes before one that ran is refused by name', async (t) => {
  const db = (await opener(t))();
  await db.migrate(await folderOf(t, { '0002_note.sql': FIRST }));
  const late = await folderOf(t, { '0001_late.sql': 'select 1;', '0002_note.sql': FIRST });
  await assert.rejects(db.migrate(late), names(/0001_late\.sql comes before 0002_note\.sql/));
});

test('a migration that fails leaves nothing of itself, and those before it stay', async (t) => {
  const db = (await opener(t))();
  const broken = await folderOf(t, {
    '0001_note.sql': FIRST,
    '0002_broken.sql': 'insert into note values (2); select no_such_column from note;',
  });
  await assert.rejects(db.migrate(broken), names(/0002_broken\.sql failed/, /no_such_column/));
  const { rows } = await sql<{ count: bigint }>`select count(*) as count from note`.execute(
    db.read,
  );
  assert.deepEqual(rows, [{ count: 1n }]);
});

test('names that are not in order or meet are refused', async (t) => {
  const db = (await opener(t))();
  const badly = await folderOf(t, { '1_note.sql': FIRST });
  await assert.rejects(db.migrate(badly), names(/1_note\.sql is not named like/));
  const twice = await folderOf(t, { '0001_a.sql': 'select 1', '0001_b.sql': 'select 1' });
  await assert.rejects(db.migrate(twice), names(/two migrations 0001/));
});

test('a set of a package has an order of its own, and runs before those of the service', async (t) => {
  const db = (await opener(t))();
  const own = await folderOf(t, { '0001_more.sql': 'alter table shared add column more text;' });
  const set = {
    name: 'shared',
    folder: await folderOf(t, { '0001_shared.sql': 'create table shared ();' }),
  };
  assert.deepEqual(await db.migrate(own, [set]), ['shared/0001_shared.sql', '0001_more.sql']);
  assert.deepEqual(await db.migrate(own, [set]), []);
  const longer = await folderOf(t, {
    '0001_shared.sql': 'create table shared ();',
    '0002_body.sql': 'alter table shared add column body text;',
  });
  const next = { name: 'shared', folder: longer };
  assert.deepEqual(await db.migrate(own, [next]), ['shared/0002_body.sql']);
  await assert.rejects(
    db.migrate(own, [set]),
    names(/shared\/0002_body\.sql was run before and is gone/),
  );
});

test('a set that is named badly, or changed after it ran, is named', async (t) => {
  const db = (await opener(t))();
  const own = await folderOf(t, {});
  const setOf = async (name: string, text: string) => ({
    name,
    folder: await folderOf(t, { '0001_a.sql': text }),
  });
  await db.migrate(own, [await setOf('a', 'select 1;')]);
  await assert.rejects(
    db.migrate(own, [await setOf('a', 'select 2;')]),
    names(/a\/0001_a\.sql was changed after it was run/),
  );
  await assert.rejects(
    db.migrate(own, [await setOf('A/b', 'select 1;')]),
    names(/"A\/b" cannot name/),
  );
});
