/** How often Postgres is waited for by what is done most. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestPostgres } from '@gatehouse/testing';
import { createClientLookup } from '../clients/lookup.ts';
import { HERE, logInAs, openRig, person } from '../test-support/rig.ts';
import { countRoundTrips } from '../test-support/round-trips.ts';

const postgres = await startTestPostgres();
const trips = await countRoundTrips(await postgres.createDatabase());
const rig = await openRig({ url: trips.url });
after(async () => {
  await rig.close();
  trips.close();
  await postgres.close();
});

test('a refresh takes one round trip, and its repeat within the grace two', async () => {
  const { email } = await person(rig);
  const { refreshToken } = await logInAs(rig, email);
  assert.equal(await trips.of(() => rig.refresh(refreshToken, HERE)), 1);
  assert.equal(await trips.of(() => rig.refresh(refreshToken, HERE)), 2);
});

test('authenticating a client takes one, which those that come at the same time share', async () => {
  const find = createClientLookup(rig.db, rig.clock);
  assert.equal(await trips.of(() => find('cli_nobody')), 1);
  const many = () => Promise.all(Array.from({ length: 50 }, (_, at) => find(`cli_${at}`)));
  assert.ok((await trips.of(many)) <= 2);
});
