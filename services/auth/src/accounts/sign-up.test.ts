import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { commonErrors } from '@gatehouse/errors';
import { startTestPostgres } from '@gatehouse/testing';
import { HERE, logInAs, openRig, PASSWORD, person, type Rig } from '../test-support/rig.ts';
import * as accounts from './store.ts';

const postgres = await startTestPostgres();
const url = await postgres.createDatabase();
const rig = await openRig({ url, bootstrapAdminEmail: 'root@example.com' });
after(async () => {
  await rig.close();
  await postgres.close();
});

const TAKEN = { code: 'auth.email_taken', kind: 'ALREADY_EXISTS' };
const INTERRUPTED = { code: 'auth.sign_up_interrupted', kind: 'UNAVAILABLE' };

function signUp(email: string, password: string = PASSWORD, at: Rig = rig) {
  return at.signUp.signUp({ email, password, nickname: 'Someone' }, HERE);
}

async function statusOf(email: string) {
  return (await accounts.findByEmail(rig.db, email))?.status;
}

function callsFor(id: string): readonly string[] {
  return rig.profiles.calls
    .filter((call) => call.endsWith(id))
    .map((call) => call.split(' ')[0] ?? '');
}

test('a sign-up makes the profile, then activates it, then the account', async () => {
  const id = await signUp('plain@example.com');
  assert.match(id, /^usr_[0-9a-z]{26}$/);
  assert.deepEqual(callsFor(id), ['create', 'activate']);
  assert.equal(await statusOf('plain@example.com'), 'ACTIVE');
});

test('a taken e-mail is taken in every spelling, with every password', async () => {
  await signUp('taken@example.com');
  await assert.rejects(signUp('taken@example.com'), TAKEN);
  await assert.rejects(signUp('TAKEN@Example.COM', 'quite another long password'), TAKEN);
  await assert.rejects(signUp('ｔａｋｅｎ@example.com'), TAKEN);
});

test('an address cannot ask for the e-mails of any number of people', async () => {
  const { email } = await person(rig);
  const from = { ...HERE, address: '198.51.100.7' };
  const ask = () => rig.signUp.signUp({ email, password: PASSWORD, nickname: 'Someone' }, from);
  const asked = await Promise.allSettled(Array.from({ length: 100 }, ask));
  const codes = asked.map((each) => each.status === 'rejected' && each.reason.code);
  assert.equal(codes.filter((code) => code === 'auth.email_taken').length, 60);
  assert.equal(codes.filter((code) => code === 'auth.too_many_attempts').length, 40);
  // Nor does another answer tell then: a free e-mail is refused alike.
  const free = { email: 'free@example.com', password: PASSWORD, nickname: 'Someone' };
  await assert.rejects(rig.signUp.signUp(free, from), { code: 'auth.too_many_attempts' });
  await rig.signUp.signUp(free, HERE);
});

for (const step of ['create', 'activate']) {
  test(`interrupted at "${step}", it stays pending, cannot log in, and a repeat finishes it`, async () => {
    const email = `halt-${step}@example.com`;
    rig.profiles.failNext = { step, error: commonErrors.UNAVAILABLE() };
    await assert.rejects(signUp(email), INTERRUPTED);
    assert.equal(await statusOf(email), 'PENDING');
    await assert.rejects(logInAs(rig, email), { code: 'auth.credentials_invalid' });
    const id = await signUp(email);
    assert.equal(await statusOf(email), 'ACTIVE');
    assert.equal((await accounts.findByEmail(rig.db, email))?.id, id);
    await logInAs(rig, email);
  });
}

test('a process that ended between any two steps is made good by a repeat elsewhere', async () => {
  // What each end of a process leaves behind: the row, then the row and the profile's first steps.
  for (const last of ['create', 'activate', 'account']) {
    const email = `killed-${last}@example.com`;
    const dying = await openRig({ url });
    const never = new Promise<void>(() => undefined);
    const reached = new Promise<void>((resolve) => {
      const stopAt = (step: string) => async (id: string) => {
        dying.profiles.calls.push(`${step} ${id}`);
        if (step !== last) return;
        resolve();
        await never;
      };
      Object.assign(dying.profiles, { create: stopAt('create'), activate: stopAt('activate') });
      if (last === 'account') {
        const { transaction } = dying.database;
        let count = 0;
        Object.assign(dying.database, {
          transaction: async (work: Parameters<typeof transaction>[0]) => {
            count += 1;
            if (count === 1) return transaction(work);
            resolve();
            return never;
          },
        });
      }
    });
    void signUp(email, PASSWORD, dying);
    await reached;
    await dying.close();
    const pending = await accounts.findByEmail(rig.db, email);
    assert.equal(pending?.status, 'PENDING');
    assert.equal(await signUp(email), pending?.id);
    assert.deepEqual(callsFor(pending?.id ?? ''), ['create', 'activate']);
    await logInAs(rig, email);
  }
});

test('a pending e-mail with another password is taken, until it was abandoned for an hour', async () => {
  const email = 'abandoned@example.com';
  rig.profiles.failNext = { step: 'create', error: commonErrors.UNAVAILABLE() };
  await assert.rejects(signUp(email), INTERRUPTED);
  const first = (await accounts.findByEmail(rig.db, email))?.id ?? '';
  const other = 'the password of someone else';
  await assert.rejects(signUp(email, other), TAKEN);
  rig.clock.advance(3601);
  const second = await signUp(email, other);
  assert.notEqual(second, first);
  await assert.rejects(logInAs(rig, email), { code: 'auth.credentials_invalid' });
  await logInAs(rig, email, other);
  rig.profiles.failNext = { step: 'fail', error: commonErrors.UNAVAILABLE() };
  await assert.rejects(rig.signUp.closeGivenUp(), { kind: 'UNAVAILABLE' });
  await rig.signUp.closeGivenUp();
  assert.deepEqual(callsFor(first), ['create', 'fail', 'fail']);
  assert.equal(await accounts.find(rig.db, first), undefined);
});

test('two sign-ups at once with the same words are one account', async () => {
  const ids = await Promise.allSettled([signUp('twice@example.com'), signUp('twice@example.com')]);
  const made = ids.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  assert.ok(made.length >= 1);
  assert.equal(new Set(made).size, 1);
});

test('guesses at a pending password are limited like log-ins', async () => {
  const email = 'guessed@example.com';
  rig.profiles.failNext = { step: 'create', error: commonErrors.UNAVAILABLE() };
  await assert.rejects(signUp(email), INTERRUPTED);
  for (let guess = 0; guess < 5; guess += 1) {
    await assert.rejects(signUp(email, `a wrong long guess ${guess}`), TAKEN);
  }
  await assert.rejects(signUp(email), { code: 'auth.too_many_attempts' });
});

test('the bootstrap address is admin when it becomes active, and that is written down', async () => {
  const id = await signUp('ROOT@example.com');
  assert.deepEqual((await accounts.find(rig.db, id))?.roles, ['member', 'admin']);
  const rows = await rig.database.read
    .selectFrom('audit')
    .select('action')
    .where('target', '=', id)
    .orderBy('audit_id')
    .execute();
  assert.deepEqual(
    rows.map(({ action }) => action),
    ['signup.started', 'signup.completed', 'roles.bootstrap_admin'],
  );
});

test('the audit record cannot be changed', async () => {
  await assert.rejects(rig.database.read.deleteFrom('audit').execute());
  await assert.rejects(rig.database.read.updateTable('audit').set({ actor: 'x' }).execute());
});
