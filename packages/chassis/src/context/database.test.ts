/** A service that starts before its database. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { sql } from '@gatehouse/postgres';
import {
  createTestAuthority,
  type OwnTestPostgres,
  startOwnTestPostgres,
  startTestService,
  type TestAuthority,
} from '@gatehouse/testing';
import type { ServiceContext } from './service-context.ts';

let authority: TestAuthority;
let postgres: OwnTestPostgres;
let folder: string;

before(async () => {
  authority = await createTestAuthority();
  postgres = await startOwnTestPostgres();
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-migrations-'));
  await writeFile(join(folder, '0001_shelf.sql'), 'create table shelf (name text primary key);');
});

after(async () => {
  await postgres.close();
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

function start(url: string, adopt: (context: ServiceContext) => void, signal?: AbortSignal) {
  return startTestService({
    name: 'board',
    authority,
    env: { DATABASE_URL: url },
    ...(signal === undefined ? {} : { signal }),
    build: async (context) => {
      adopt(context);
      const database = await context.database({ migrations: pathToFileURL(`${folder}/`) });
      await sql`insert into shelf (name) values ('a')`.execute(database.read);
      return { implementations: [] };
    },
  });
}

test('a service waits for its database, migrates it, and is not ready when it goes', async () => {
  const url = await postgres.createDatabase();
  await postgres.kill();
  const starting = start(url, () => undefined);
  await postgres.start();
  const service = await starting;
  assert.equal((await fetch(`${service.adminUrl}/readyz`)).status, 200);
  assert.ok(service.logLines.some((line) => line.includes('0001_shelf')));
  await postgres.kill();
  const unready = await fetch(`${service.adminUrl}/readyz`);
  assert.equal(unready.status, 503);
  assert.match(await unready.text(), /"database":\{"ok":false/);
  await postgres.start();
  const signal = AbortSignal.timeout(20_000);
  while ((await fetch(`${service.adminUrl}/readyz`)).status !== 200) {
    await delay(20, undefined, { signal });
  }
  await service.close();
  // The URL holds the role's password.
  const password = new URL(url).password;
  assert.ok(password.length > 0 && !service.logLines.some((line) => line.includes(password)));
});

test('a service that waits for its database can be told to stop', async () => {
  const url = await postgres.createDatabase();
  await postgres.kill();
  const stop = new AbortController();
  await assert.rejects(start(url, () => stop.abort(new Error('told to stop')), stop.signal));
  await postgres.start();
});

test('a URL that is none of Postgres is a wrong setting, and is not shown', async () => {
  await assert.rejects(
    start('https://hunter2.example/d', () => undefined),
    (error: Error) => error.name === 'ConfigError' && !error.message.includes('hunter2'),
  );
});
