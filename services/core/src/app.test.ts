/** What people and operators ask of core, over real gRPC on a real Postgres. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Rig, startRig, subjectOf, TODAY } from './test-support/rig.ts';

let rig: Rig;

before(async () => {
  rig = await startRig();
});

after(() => rig.close());

const refused = (code: string, call: Promise<unknown>) => assert.rejects(call, { code });

test('an asset begins once, with a history of one day; a repeat gets the same response', async () => {
  const passport = rig.passport(1);
  await refused('core.no_asset', rig.people.getMyAsset({}, { passport }));
  const asset = 9_223_372_036_854_775_807n;
  const opened = await rig.people.openMyAsset({ asset }, { passport });
  assert.equal(opened.asset, asset);
  assert.ok(opened.userId > 0n);
  const { currentAssetHistory: current } = opened;
  assert.deepEqual(
    [current?.date, current?.originalAsset, current?.multiplier, current?.asset],
    [TODAY, asset, '1', asset],
  );
  assert.deepEqual(await rig.people.openMyAsset({ asset }, { passport }), opened);
  assert.deepEqual(await rig.people.getMyAsset({}, { passport }), opened);
  await refused('core.asset_begun', rig.people.openMyAsset({ asset: 7n }, { passport }));
  const other = await rig.people.openMyAsset({ asset: 0n }, { passport: rig.passport(2) });
  assert.notEqual(other.userId, opened.userId);
});

test('two who begin at the same moment get one asset', async () => {
  const passport = rig.passport(3);
  const both = await Promise.all(
    [1, 2, 3, 4].map(() => rig.people.openMyAsset({ asset: 100n }, { passport })),
  );
  assert.equal(new Set(both.map(({ userId }) => userId)).size, 1);
});

test('who may not, and what is wrong, is refused', async () => {
  await refused('client.passport_missing', rig.people.getMyAsset({}, {}));
  const reader = rig.passport(4, 'asset:read');
  await refused('access.scope', rig.people.openMyAsset({ asset: 1n }, { passport: reader }));
  const writer = rig.passport(4, 'asset:write');
  await refused('access.scope', rig.people.getMyAsset({}, { passport: writer }));
  const passport = rig.passport(4);
  await refused('common.invalid_input', rig.people.openMyAsset({ asset: -1n }, { passport }));
});

const row = (date: string, originalAsset: bigint, asset: bigint) => ({
  date,
  originalAsset,
  multiplier: '1.01',
  asset,
});

test('an operator brings a history over, and a chart shows the days that are asked for', async () => {
  const history = [
    row('2026-08-01', 100n, 100n),
    row('2026-11-23', 100n, 101n),
    row('2026-11-25', 101n, 102n),
  ];
  const asset = await rig.operator.importAsset({ subject: subjectOf(5), history });
  assert.deepEqual([asset.asset, asset.currentAssetHistory?.date], [102n, '2026-11-25']);
  await refused('core.asset_known', rig.operator.importAsset({ subject: subjectOf(5), history }));

  const passport = rig.passport(5);
  const chart = async (from: string, to: string) => {
    const response = await rig.people.listMyAssetHistory({ from, to }, { passport });
    return [response.from, response.to, response.points.map(({ date }) => date.slice(5)).join(' ')];
  };
  assert.deepEqual(await chart('', ''), ['2026-08-29', TODAY, '11-23 11-25']);
  assert.deepEqual(await chart('2026-11-24', ''), ['2026-11-24', TODAY, '11-25']);
  assert.deepEqual(await chart('', '2026-11-24'), ['2026-08-27', '2026-11-24', '11-23']);
  assert.deepEqual(await chart('2026-08-01', '2026-08-01'), ['2026-08-01', '2026-08-01', '08-01']);
  for (const [from, to] of [
    ['2026-02-30', ''],
    ['', 'yesterday'],
    ['2026-11-26', '2026-11-25'],
    ['2020-01-01', '2026-11-25'],
  ] as const) {
    await refused(
      'common.invalid_input',
      rig.people.listMyAssetHistory({ from, to }, { passport }),
    );
  }
  await refused('core.no_asset', rig.people.listMyAssetHistory({}, { passport: rig.passport(99) }));
});

test('a history that cannot be is refused, and nothing of it is kept', async () => {
  const subject = subjectOf(6);
  const good = row('2026-11-20', 1n, 1n);
  for (const history of [
    [],
    [good, good],
    [row('2026-11-27', 1n, 1n)],
    [row('2026-11-31', 1n, 1n)],
    [good, row('2026-11-21', -1n, 1n)],
    [{ ...good, multiplier: '0' }],
    [{ ...good, multiplier: 'much' }],
  ]) {
    await refused('common.invalid_input', rig.operator.importAsset({ subject, history }));
  }
  await refused('core.no_asset', rig.people.getMyAsset({}, { passport: rig.passport(6) }));
});
