import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestPostgres } from '@gatehouse/testing';
import { openRig } from '../test-support/rig.ts';
import * as changes from './store.ts';

const postgres = await startTestPostgres();
const rig = await openRig({ url: await postgres.createDatabase() });
after(async () => {
  await rig.close();
  await postgres.close();
});

const now = () => new Date(rig.clock.nowMs());

function revoke(sessionId: string, undo = false): Promise<void> {
  const work = rig.database.transaction(async (tx) => {
    await changes.append(tx, { kind: 'session_revoked', about: sessionId }, now());
    if (undo) throw new Error('undone');
  });
  return undo ? assert.rejects(work, /undone/) : work;
}

test('changes that are committed and undone side by side have positions without gaps', async () => {
  await Promise.all(Array.from({ length: 40 }, (_, n) => revoke(`ses_${n}`, n % 4 === 0)));
  const log = changes.committed(rig.db);
  assert.equal(await log.position(), 30n);
  const all = await log.after(0n, 100);
  assert.deepEqual(
    all.map(({ position }) => position),
    Array.from({ length: 30 }, (_, at) => BigInt(at + 1)),
  );
  assert.match(all[0]?.about ?? '', /^ses_\d+$/);
});

test('a snapshot has what is not over, up to its position, and no changes of keys', async () => {
  await changes.append(rig.db, { kind: 'keys_changed' }, now());
  const full = await changes.snapshot(rig.db, now());
  assert.equal(full.position, await changes.committed(rig.db).position());
  assert.equal(full.changes.length, 30);
  rig.clock.advance(15 * 60 + 180 - 1);
  assert.equal((await changes.snapshot(rig.db, now())).changes.length, 30);
  rig.clock.advance(2);
  const empty = await changes.snapshot(rig.db, now());
  assert.deepEqual(empty, { position: 31n, changes: [] });
});
