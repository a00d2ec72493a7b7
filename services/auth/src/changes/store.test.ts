import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestPostgres } from '@gatehouse/testing';
import { openRig } from '../test-support/rig.ts';

const postgres = await startTestPostgres();
const rig = await openRig({ url: await postgres.createDatabase() });
after(async () => {
  await rig.close();
  await postgres.close();
});

const { changes } = rig.store.read;
const now = () => new Date(rig.clock.nowMs());

function revoke(sessionId: string, undo = false): Promise<void> {
  const work = rig.store.transaction(async (records) => {
    await records.changes.append({ kind: 'session_revoked', about: sessionId }, now());
    if (undo) throw new Error('undone');
  });
  return undo ? assert.rejects(work, /undone/) : work;
}

test('whoever reads while others commit and undo sees every position once, in order', async () => {
  let writing = true;
  const seen: bigint[] = [];
  const reader = (async () => {
    let position = 0n;
    for (let isLast = false; !isLast; ) {
      isLast = !writing;
      for (const change of await changes.listAfter(position, 100)) {
        assert.equal(change.position, position + 1n);
        position = change.position;
        seen.push(position);
      }
    }
  })();
  await Promise.all(Array.from({ length: 40 }, (_, n) => revoke(`ses_${n}`, n % 4 === 0)));
  writing = false;
  await reader;
  assert.equal(seen.length, 30);
  assert.equal(await changes.position(), 30n);
});

test('a snapshot has what is not over, up to its position, and no news of keys', async () => {
  await rig.store.transaction((records) => records.changes.append({ kind: 'keys_changed' }, now()));
  const full = await changes.snapshot(now());
  assert.equal(full.position, await changes.position());
  assert.equal(full.changes.length, 30);
  rig.clock.advance(15 * 60 + 180 - 1);
  assert.equal((await changes.snapshot(now())).changes.length, 30);
  rig.clock.advance(2);
  const empty = await changes.snapshot(now());
  assert.deepEqual(empty, { position: 31n, changes: [] });
});
