import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { GatehouseError } from '@gatehouse/errors';
import { startOwnTestPostgres } from '@gatehouse/testing';
import { checkAdmin, ensureDatabase, openDatabase, sql } from '../index.ts';

const server = await startOwnTestPostgres();
after(() => server.close());

const quiet = { info: () => undefined, warn: () => undefined };
const PASSWORD = 'p@ss/word:with%odd#chars';

function ensure(database: string, options: { adminUrl?: string; password?: string } = {}) {
  return ensureDatabase({
    adminUrl: options.adminUrl ?? server.adminUrl,
    database,
    owner: { role: database, password: options.password ?? PASSWORD },
  });
}

async function ask(url: string, statement: string): Promise<unknown[]> {
  const db = openDatabase({ url, name: 'ensure-test', log: quiet, maxConnections: 1 });
  try {
    return (await sql.raw(statement).execute(db.read)).rows;
  } finally {
    await db.close();
  }
}

test('the owner connects with the password and may make tables', async () => {
  const url = await ensure('shop');
  await ask(url, 'create table item (id int8)');
  assert.deepEqual(await ask(url, 'select current_user::text as me'), [{ me: 'shop' }]);
});

test('repeating it, also at the same time, changes nothing but the password', async () => {
  const [url] = await Promise.all([ensure('again'), ensure('again'), ensure('again')]);
  await ask(String(url), 'create table kept (id int8)');
  const renewed = await ensure('again', { password: 'another-password-1' });
  assert.deepEqual(await ask(renewed, 'select id from kept'), []);
  await assert.rejects(ask(String(url), 'select 1'), (error: unknown) => {
    return error instanceof GatehouseError && /28P01/.test(String(error.cause));
  });
});

test("one service's role cannot enter another's database", async () => {
  const [mine, theirs] = [await ensure('mine'), await ensure('theirs')];
  const trespass = new URL(mine);
  trespass.pathname = new URL(theirs).pathname;
  await assert.rejects(ask(trespass.href, 'select 1'), (error: unknown) => {
    return error instanceof GatehouseError && /42501/.test(String(error.cause));
  });
});

test('an admin that is no superuser is enough', async () => {
  await ask(server.adminUrl, `create role chief login createdb createrole password '${PASSWORD}'`);
  const adminUrl = new URL(server.adminUrl);
  adminUrl.username = 'chief';
  adminUrl.password = encodeURIComponent(PASSWORD);
  const url = await ensure('modest', { adminUrl: adminUrl.href });
  await ask(url, 'create table item (id int8)');
});

test('names and passwords that would need quoting are refused', async () => {
  await assert.rejects(ensure('no"way'), /database name/);
  await assert.rejects(ensure('fine', { password: 'short' }), /16 printable/);
});

test('an admin is looked at without changing anything', async () => {
  const chief = await checkAdmin(server.adminUrl);
  assert.match(chief.version, /^\d+/);
  assert.equal(chief.mayCreate, true);
  assert.equal((await checkAdmin(await ensure('plain'))).mayCreate, false);
  const unreachable = new URL(server.adminUrl);
  unreachable.port = '1';
  await assert.rejects(checkAdmin(unreachable.href), { code: 'postgres.unavailable' });
});
