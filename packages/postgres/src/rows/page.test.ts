/** Pages of a list, and the row that must be there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { defineErrors, GatehouseError } from '@gatehouse/errors';
import { startTestPostgres, type TestPostgres } from '@gatehouse/testing';
import { type Database, firstOrThrow, newId, openDatabase, readPage, sql } from '../index.ts';

const errors = defineErrors('pagetest', {
  GONE: ['NOT_FOUND', 'There is no such note.'],
  TOKEN: ['INVALID_ARGUMENT', 'The page token is not one of this list.'],
});

interface Tables {
  readonly note: { note_id: string; text: string };
}

const log = { info: () => undefined, warn: () => undefined };
const IDS = Array.from({ length: 25 }, () => newId('nte'));
let server: TestPostgres;
let db: Database<Tables>;

before(async () => {
  server = await startTestPostgres();
  db = openDatabase({ url: await server.createDatabase(), name: 'page-test', log });
  await sql`create table note (note_id text collate "C" primary key, text text)`.execute(db.read);
  const rows = IDS.map((note_id) => ({ note_id, text: 'x' }));
  await db.read.insertInto('note').values(rows).execute();
});

after(async () => {
  await db.close();
  await server.close();
});

const notes = () => db.read.selectFrom('note').selectAll();

function page(pageSize: number, pageToken = '', list = 'notes') {
  const request = { pageSize, pageToken };
  return readPage(notes(), { list, by: 'note_id', order: 'asc', request });
}

async function rejected(pageToken: string, list = 'notes'): Promise<void> {
  await assert.rejects(page(2, pageToken, list), (error: unknown) => {
    assert.ok(error instanceof GatehouseError);
    assert.equal(error.code, 'common.invalid_input');
    assert.equal(error.fields[0]?.pointer, '/pageToken');
    return true;
  });
}

test('the first page has 20 rows unless the request says otherwise', async () => {
  assert.equal((await page(0)).rows.length, 20);
  assert.equal((await page(7)).rows.length, 7);
});

test('a token leads to the row after the last one of its page, in either order', async () => {
  for (const order of ['asc', 'desc'] as const) {
    const ids: string[] = [];
    let pageToken = '';
    do {
      const request = { pageSize: 10, pageToken };
      const { rows, nextPageToken } = await readPage(notes(), {
        list: 'notes',
        by: 'note_id',
        order,
        request,
      });
      ids.push(...rows.map(({ note_id: id }) => id));
      pageToken = nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(ids, order === 'asc' ? IDS : IDS.toReversed());
  }
});

test('the last page has no token, even when it is full', async () => {
  assert.equal((await page(25)).nextPageToken, '');
  assert.equal((await page(26)).nextPageToken, '');
  assert.notEqual((await page(24)).nextPageToken, '');
});

test('rows that are added meanwhile shift nothing', async () => {
  const request = { pageSize: 2, pageToken: '' };
  const options = { list: 'notes', by: 'note_id', order: 'desc' } as const;
  const { nextPageToken } = await readPage(notes(), { ...options, request });
  const added = newId('nte');
  await db.read.insertInto('note').values({ note_id: added, text: 'new' }).execute();
  const next = await readPage(notes(), {
    ...options,
    request: { pageSize: 1, pageToken: nextPageToken },
  });
  await db.read.deleteFrom('note').where('note_id', '=', added).execute();
  assert.equal(next.rows[0]?.note_id, IDS.at(-3));
});

test('a token of another list is rejected', async () => {
  const { nextPageToken: others } = await page(2, '', 'comments:pst_x');
  const { nextPageToken: notesToken } = await page(2);
  await rejected(others);
  await rejected(others, 'comments:pst_y');
  await rejected(notesToken, 'comments:pst_x');
});

test('a token that was not given out is rejected', async () => {
  const { nextPageToken: good } = await page(2);
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  const id = IDS[0];
  for (const bad of [
    'x',
    '!',
    `${good}=`,
    ` ${good}`,
    good.slice(0, -1),
    encode('notes '),
    encode("notes ' or 1=1"),
    encode(`notes ${id}\n`),
    encode(`notes ${id}\0`),
    encode('notes nte_ABC'),
  ]) {
    await rejected(bad);
  }
});

test('a list may have an error of its own for that', async () => {
  const request = { pageSize: 2, pageToken: 'x' };
  const options = { list: 'notes', by: 'note_id', order: 'asc', request } as const;
  const reading = readPage(notes(), { ...options, invalidToken: errors.TOKEN });
  await assert.rejects(reading, { code: 'pagetest.token' });
});

test('a row that must be there is read, or its error is thrown', async () => {
  const query = (id: string) => notes().where('note_id', '=', id);
  const id = IDS[0] ?? '';
  assert.equal((await firstOrThrow(query(id), errors.GONE)).note_id, id);
  await assert.rejects(firstOrThrow(query('nte_'), errors.GONE), (error: unknown) => {
    assert.ok(error instanceof GatehouseError);
    assert.deepEqual([error.code, error.cause], ['pagetest.gone', undefined]);
    return true;
  });
});
