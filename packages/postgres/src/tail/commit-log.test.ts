/** A log under concurrent commits, read directly and by a tail. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestPostgres } from '@gatehouse/testing';
import { commitLog, openDatabase, sql, Tail } from '../index.ts';

interface Tables {
  note: { readonly position: bigint; readonly text: string };
  note_position: { readonly position: bigint };
}

const server = await startTestPostgres();
const log = { info: () => undefined, warn: () => undefined };
const db = openDatabase<Tables>({ url: await server.createDatabase('notes'), name: 'test', log });
after(async () => {
  await db.close();
  await server.close();
});
await sql`create table note (position bigint primary key, text text not null)`.execute(db.read);
await sql`create table note_position (position bigint not null)`.execute(db.read);
await sql`insert into note_position values (0)`.execute(db.read);

const notes = commitLog<Tables['note']>({ rows: 'note', counter: 'note_position' });

async function write(text: string, undo: boolean): Promise<void> {
  const work = db.transaction(async (tx) => {
    // Others begin and commit between the two, and later ones first.
    await sql`select pg_sleep(random() / 100)`.execute(tx);
    const position = await notes.next(tx);
    await tx.insertInto('note').values({ position, text }).execute();
    if (undo) throw new Error('undone');
  });
  await (undo ? assert.rejects(work, /undone/) : work);
}

function writeAll(name: string): Promise<unknown> {
  return Promise.all(Array.from({ length: 40 }, (_, at) => write(`${name} ${at}`, at % 4 === 0)));
}

test('whoever reads while others commit and undo sees every position once, in order', async () => {
  let writing = true;
  const seen: bigint[] = [];
  const reader = (async () => {
    for (let isLast = false; !isLast; ) {
      isLast = !writing;
      for (const { position } of await notes.on(db.read).after(BigInt(seen.length), 7)) {
        seen.push(position);
      }
    }
  })();
  await writeAll('read');
  writing = false;
  await reader;
  assert.deepEqual(
    seen,
    Array.from({ length: 30 }, (_, at) => BigInt(at + 1)),
  );
  assert.equal(await notes.on(db.read).position(), 30n);
});

test('followers that begin and resume while others commit miss nothing and get nothing twice', async () => {
  const tail = new Tail({ rows: notes.on(db.read), pollIntervalMs: 5 });
  const last = 30n + 30n;
  async function followInSteps(rest: number): Promise<bigint[]> {
    const seen: bigint[] = [];
    let position = 0n;
    while (position < last) {
      for await (const event of tail.follow(position, new AbortController().signal)) {
        if (event.kind === 'heartbeat') continue;
        position = event.row.position;
        seen.push(position);
        // It goes away, and resumes from the position that it has.
        if (position % BigInt(rest) === 0n || position === last) break;
      }
    }
    return seen;
  }
  const followers = Promise.all([followInSteps(1000), followInSteps(3), followInSteps(7)]);
  await writeAll('follow');
  for (const seen of await followers) {
    assert.deepEqual(
      seen,
      Array.from({ length: Number(last) }, (_, at) => BigInt(at + 1)),
    );
  }
});
