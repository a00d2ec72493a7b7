import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { startTestPostgres } from '@gatehouse/testing';
import * as changes from '../changes/store.ts';
import { HERE, openRig } from '../test-support/rig.ts';
import { KeyEncryption } from './encryption.ts';
import { KeyRing } from './key-ring.ts';
import * as passportKeys from './passport-key-store.ts';
import { createRotation } from './rotate.ts';
import * as signingKeys from './store.ts';

const postgres = await startTestPostgres();
after(() => postgres.close());

const OPERATOR = { actor: 'spiffe://gatehouse.local/operator', origin: HERE };
const WAIT_SECONDS = 900;
const MONTH_SECONDS = 30 * 86_400;
const newKek = () => randomBytes(32);

/** A database, and as many replicas of auth's keys on it as are asked for. */
async function setUp() {
  const rig = await openRig({ url: await postgres.createDatabase() });
  after(() => rig.close());
  const file: { keks: readonly Buffer[] } = { keks: [newKek()] };
  const replica = async (readKeys = () => file.keks) => {
    const { database, clock } = rig;
    const wrongKey = () => new Error('wrong key');
    const encryption = new KeyEncryption({ readKeys, wrongKey });
    const ring = await KeyRing.open({ database, encryption, identity: 'spiffe://x/auth', clock });
    const rotation = createRotation({
      ...rig.parts,
      encryption,
      waitSeconds: WAIT_SECONDS,
      rotateAfterSeconds: MONTH_SECONDS,
      reloadKeys: () => ring.reload(),
    });
    return { ring, rotation };
  };
  return { rig, file, replica };
}

const kids = (ring: KeyRing) => ring.jwks('access').keys.map(({ kid }) => kid);
const planned = { purpose: 'access', emergency: false } as const;
const emergency = { purpose: 'access', emergency: true } as const;

test('a new key is published at once, signs after the wait, and the old one retires', async () => {
  const { rig, replica } = await setUp();
  const { ring, rotation } = await replica();
  const old = ring.access.kid;
  const report = await rotation.rotate(planned, OPERATOR);
  assert.equal(report.state, 'published');
  assert.deepEqual(kids(ring), [old, report.kid]);
  assert.equal(ring.access.kid, old);
  rig.clock.advance(WAIT_SECONDS - 1);
  assert.equal(ring.access.kid, old);
  rig.clock.advance(1);
  assert.equal(ring.access.kid, report.kid);
  assert.deepEqual(kids(ring), [old, report.kid]);
  rig.clock.advance(1080);
  assert.deepEqual(kids(ring), [report.kid]);
  assert.equal(ring.verification('access').find(old), undefined);
});

test('another replica learns of it by reading, and changes at the same moment', async () => {
  const { rig, replica } = await setUp();
  const one = await replica();
  const two = await replica();
  assert.equal(one.ring.access.kid, two.ring.access.kid);
  const { kid } = await one.rotation.rotate(planned, OPERATOR);
  await two.ring.reload();
  assert.notEqual(two.ring.access.kid, kid);
  rig.clock.advance(WAIT_SECONDS);
  assert.deepEqual([one.ring.access.kid, two.ring.access.kid], [kid, kid]);
});

test('one rotation at a time; an emergency does not wait, and revokes the one that waits too', async () => {
  const { rig, replica } = await setUp();
  const { ring, rotation } = await replica();
  const old = ring.access.kid;
  const pending = await rotation.rotate(planned, OPERATOR);
  await assert.rejects(rotation.rotate(planned, OPERATOR), { code: 'auth.rotation_under_way' });
  const { kid } = await rotation.rotate(emergency, OPERATOR);
  assert.equal(ring.access.kid, kid);
  assert.deepEqual(kids(ring), [kid]);
  const snapshot = await changes.snapshot(rig.db, new Date(rig.clock.nowMs()));
  assert.deepEqual(
    snapshot.changes.map(({ kind, about }) => [kind, about]),
    [
      ['key_revoked', old],
      ['key_revoked', pending.kid],
    ],
  );
  // Their private halves are gone.
  const stored = await signingKeys.list(rig.db);
  const sealed = stored.filter(({ purpose }) => purpose === 'access');
  assert.deepEqual(
    sealed.filter(({ sealedPrivate }) => sealedPrivate !== undefined).map((each) => each.kid),
    [kid],
  );
});

test('the other purpose is not touched', async () => {
  const { replica } = await setUp();
  const { ring, rotation } = await replica();
  const before = ring.passport.kid;
  await rotation.rotate(emergency, OPERATOR);
  assert.equal(ring.passport.kid, before);
  await rotation.rotate({ purpose: 'passport', emergency: true }, OPERATOR);
  assert.notEqual(ring.passport.kid, before);
  assert.equal(ring.verification('passport').find(before), undefined);
});

test('by schedule, one replica rotates when the time has come, early enough to wait', async () => {
  const { rig, replica } = await setUp();
  const [one, two] = [await replica(), await replica()];
  const rounds = () => Promise.all([one.rotation.rotateDue(), two.rotation.rotateDue()]);
  rig.clock.advance(MONTH_SECONDS - WAIT_SECONDS - 1);
  await rounds();
  assert.equal(kids(one.ring).length, 1);
  rig.clock.advance(1);
  await rounds();
  await Promise.all([one.ring.reload(), two.ring.reload()]);
  assert.equal(kids(one.ring).length, 2);
  assert.deepEqual(kids(one.ring), kids(two.ring));
  const [old, next] = kids(one.ring);
  rig.clock.advance(WAIT_SECONDS);
  assert.equal(two.ring.access.kid, next);
  rig.clock.advance(1080);
  await rounds();
  const spent = (await signingKeys.list(rig.db)).find(({ kid }) => kid === old);
  assert.equal(spent?.sealedPrivate, undefined);
});

test('what was signed just before the change is good until it ends', async () => {
  const { rig, replica } = await setUp();
  const { ring, rotation } = await replica();
  const before = ring.verification('access').find(ring.access.kid);
  await rotation.rotate(planned, OPERATOR);
  rig.clock.advance(WAIT_SECONDS + 900);
  // The very object: what a verifier has cached by it stays good.
  assert.equal(ring.verification('access').find(before?.kid ?? ''), before);
});

test('all keys are sealed again under a new key-encryption key, and the old one is not needed any more', async () => {
  const { file, replica } = await setUp();
  const { ring, rotation } = await replica();
  const signing = ring.access.kid;
  const [old] = file.keks;
  const fresh = newKek();
  file.keks = [fresh, old as Buffer];
  // Not before it is said: a replica that has only the old file could not start.
  await assert.doesNotReject(replica(() => [old as Buffer]));
  await rotation.rotate({ purpose: 'passport', emergency: false }, OPERATOR);
  await assert.doesNotReject(replica(() => [old as Buffer]));
  assert.equal(await rotation.rewrap(OPERATOR), 3);
  file.keks = [fresh];
  const again = await replica();
  assert.equal(again.ring.access.kid, signing);
  await assert.rejects(
    replica(() => [old as Buffer]),
    /wrong key/,
  );
  assert.equal(await again.rotation.rewrap(OPERATOR), 3);
});

test('a sealing again that fails in the middle changes nothing', async () => {
  const { rig, file, replica } = await setUp();
  const { rotation } = await replica();
  const [old] = file.keks;
  const read = async () =>
    JSON.stringify([await signingKeys.list(rig.db), await signingKeys.canary(rig.db)]);
  const stranger = (await signingKeys.list(rig.db))[0];
  assert.ok(stranger !== undefined);
  const kid = 'zzz';
  const far = new Date(0);
  await signingKeys.insert(rig.db, {
    ...stranger,
    kid,
    createdAt: far,
    signsFrom: far,
    sealedPrivate: randomBytes(64),
  });
  const before = await read();
  file.keks = [newKek(), old as Buffer];
  await assert.rejects(rotation.rewrap(OPERATOR), /another key-encryption key/);
  assert.equal(await read(), before);
});

test('a replica that cannot open a new key keeps those it has, and says so', async () => {
  const { file, replica } = await setUp();
  const one = await replica();
  const [old] = file.keks as readonly [Buffer];
  const behind = await replica(() => [old]);
  file.keks = [newKek(), old];
  await one.rotation.rewrap(OPERATOR);
  await one.rotation.rotate(planned, OPERATOR);
  await assert.rejects(behind.ring.reload(), /another key-encryption key/);
  assert.ok(behind.ring.fault instanceof Error);
  assert.equal(behind.ring.access.kid, one.ring.access.kid);
});

test('a gateway’s key is revoked for good', async () => {
  const { rig, replica } = await setUp();
  const { rotation, ring } = await replica();
  const now = new Date(rig.clock.nowMs());
  const row = {
    kid: 'gateway-key',
    issuer: 'spiffe://gatehouse.local/gateway',
    publicKeySpki: Buffer.alloc(3),
    registeredAt: now,
    leaseExpiresAt: new Date(now.getTime() + 600_000),
    revokedAt: undefined,
  };
  await passportKeys.upsert(rig.db, row, now);
  const reports = await rotation.list();
  assert.deepEqual(
    reports.map(({ purpose, gateway, state }) => [purpose, gateway, state]),
    [
      ['access', undefined, 'signing'],
      ['passport', undefined, 'signing'],
      ['passport', row.issuer, 'signing'],
    ],
  );
  await rotation.revokePassportKey('gateway-key', OPERATOR);
  assert.equal((await rotation.list()).length, 2);
  await assert.rejects(rotation.revokePassportKey('gateway-key', OPERATOR), {
    code: 'auth.key_unknown',
  });
  // Not one of auth's own by this way: an emergency rotation puts another in its place.
  await assert.rejects(rotation.revokePassportKey(ring.passport.kid, OPERATOR), {
    code: 'auth.key_unknown',
  });
  rig.clock.advance(100_000);
  await rig.keepHouse();
  const held = await passportKeys.hold(rig.db, 'gateway-key');
  assert.ok(held?.revokedAt !== undefined);
});
