/** The daily batch on a real Postgres: once for each user and day, whatever happens in between. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { sql } from '@gatehouse/postgres';
import { type OwnTestPostgres, startOwnTestPostgres } from '@gatehouse/testing';
import { multiplierOf, updatedOf } from '../test-support/extension.ts';
import { type Rig, runToTheEnd, startRig, TODAY } from '../test-support/rig.ts';
import { dueDays } from './schedule.ts';
import { readBatch } from './store.ts';

const ASSET = 1_000_003n;
let postgres: OwnTestPostgres;
let rig: Rig;

before(async () => {
  postgres = await startOwnTestPostgres();
  rig = await startRig(undefined, postgres);
});

after(() => rig.close());

beforeEach(async () => {
  await sql`truncate asset, asset_history, asset_failure, asset_batch, lease`.execute(
    rig.tables.read,
  );
  const { extension } = rig;
  extension.asked.length = 0;
  [extension.gate, extension.response, extension.failure] = [
    Promise.resolve(),
    undefined,
    undefined,
  ];
});

/** Each user has one row of the day, and every number is what the multiplier says. */
async function assertDay(people: number, day = TODAY): Promise<void> {
  const rows = await rig.tables.read
    .selectFrom('asset_history')
    .innerJoin('asset', 'asset.user_id', 'asset_history.user_id')
    .select(['asset.user_id', 'asset.asset as now', 'asset.current_day'])
    .select(['asset_history.original_asset', 'asset_history.multiplier', 'asset_history.asset'])
    .where('asset_history.day', '=', day)
    .execute();
  assert.equal(rows.length, people);
  assert.equal(new Set(rows.map(({ user_id: userId }) => userId)).size, people);
  for (const row of rows) {
    assert.equal(row.multiplier, multiplierOf(row.user_id));
    assert.equal(row.asset, updatedOf(row.user_id, row.original_asset));
    assert.deepEqual([row.now, row.current_day], [row.asset, day]);
  }
}

test('every asset gets its value of the day, once, and a repeat changes nothing', async () => {
  await rig.seed(1_234, ASSET);
  const first = await runToTheEnd(rig.operator);
  assert.deepEqual(first, { state: 'DONE', total: 1_234n, updated: 1_234n, failed: 0n });
  await assertDay(1_234);
  const asked = rig.extension.asked.length;
  assert.equal(asked, 1_234);
  assert.deepEqual(await runToTheEnd(rig.operator, TODAY), first);
  assert.equal(rig.extension.asked.length, asked);
  await assertDay(1_234);
});

test('a day before the current one changes nothing, and one to come is refused', async () => {
  await rig.seed(3, ASSET);
  const early = await runToTheEnd(rig.operator, '2026-11-20');
  assert.deepEqual(early, { state: 'DONE', total: 0n, updated: 0n, failed: 0n });
  await assert.rejects(runToTheEnd(rig.operator, '2026-11-27'), { code: 'common.invalid_input' });
  await assert.rejects(runToTheEnd(rig.operator, '2026-02-30'), { code: 'common.invalid_input' });
});

test('what failed is tried again within the run, and an invalid response is not believed', async () => {
  await rig.seed(40, ASSET);
  const nonsense = [
    '{"resultCode":"F","message":"no","data":null}',
    '{"resultCode":"S","message":"","data":{"userId":1}}',
    'not json',
    '{"resultCode":"S","message":"","data":{"userId":USER,"originalAsset":1000003,"multiplier":1.0,"updatedAsset":9223372036854775808,"date":"2026-11-26"}}',
    '{"resultCode":"S","message":"","data":{"userId":USER,"originalAsset":1000003,"multiplier":1.0,"updatedAsset":1000003,"date":"2026-11-25"}}',
    '{"resultCode":"S","message":"","data":{"userId":USER,"originalAsset":1000003,"multiplier":0,"updatedAsset":1000003,"date":"2026-11-26"}}',
  ];
  rig.extension.response = (path) => {
    const body = nonsense.pop()?.replace('USER', path.split('/').at(-1) ?? '');
    return body === undefined ? undefined : { status: 200, body };
  };
  const run = await runToTheEnd(rig.operator);
  assert.deepEqual(run, { state: 'DONE', total: 40n, updated: 40n, failed: 6n });
  await assertDay(40);
});

test('one user whom extension refuses is set aside, and a repeat goes on with them', async () => {
  await rig.seed(30, ASSET);
  const { user_id: unlucky } = await rig.tables.read
    .selectFrom('asset')
    .select('user_id')
    .orderBy('user_id')
    .offset(7)
    .limit(1)
    .executeTakeFirstOrThrow();
  rig.extension.response = (path) =>
    path.endsWith(`/${unlucky}`) ? { status: 400, body: '{"resultCode":"F"}' } : undefined;
  const run = await runToTheEnd(rig.operator);
  assert.deepEqual(run, { state: 'DONE', total: 30n, updated: 29n, failed: 4n });
  const failures = () => rig.tables.read.selectFrom('asset_failure').selectAll().execute();
  const [failure] = await failures();
  assert.deepEqual(
    [failure?.user_id, failure?.reason, failure?.is_set_aside],
    [unlucky, 'core.extension_refused: status 400', true],
  );
  rig.extension.response = undefined;
  assert.equal((await runToTheEnd(rig.operator)).state, 'DONE');
  await assertDay(30);
  assert.deepEqual(await failures(), []);
});

test('many whom extension refuses first keep nobody behind them from a value', async () => {
  await rig.seed(70, 2n ** 63n - 1n);
  await rig.seed(5, ASSET, 5_000);
  const refusals = [
    () => ({ status: 400, body: '{"resultCode":"F"}' }),
    () => ({ status: 422, body: '' }),
    (id: string) => ({
      status: 200,
      body: `{"resultCode":"S","data":{"userId":${id},"originalAsset":9223372036854775807,"multiplier":1.04,"updatedAsset":9592306918328966839,"date":"${TODAY}"}}`,
    }),
  ];
  const { first } = await rig.tables.read
    .selectFrom('asset')
    .select((select) => select.fn.min<bigint>('user_id').as('first'))
    .executeTakeFirstOrThrow();
  rig.extension.response = (path) => {
    const id = path.split('/').at(-1) ?? '';
    const place = Number(BigInt(id) - first);
    return place < 70 ? refusals[place % 3]?.(id) : undefined;
  };
  const run = await runToTheEnd(rig.operator);
  assert.deepEqual([run.state, run.total, run.updated], ['DONE', 75n, 5n]);
});

test('failures that are no refusals keep nobody behind them from a value either', async () => {
  await rig.seed(80, ASSET);
  const ids = await rig.tables.read
    .selectFrom('asset')
    .select('user_id')
    .orderBy('user_id')
    .limit(70)
    .execute();
  const failing = new Set(ids.map(({ user_id: userId }) => String(userId)));
  rig.extension.response = (path) =>
    failing.has(path.split('/').at(-1) ?? '') ? { status: 500, body: '' } : undefined;
  const run = await runToTheEnd(rig.operator);
  assert.deepEqual([run.state, run.updated], ['INCOMPLETE', 10n]);
});

test('a user without a usable response is set aside after three runs, not before', async () => {
  await rig.seed(3, ASSET);
  let unlucky: string | undefined;
  const bodies = ['', 'not json', '{"resultCode":"S"}'];
  rig.extension.response = (path) => {
    unlucky ??= path;
    return path === unlucky ? { status: 200, body: bodies.pop() ?? 'null' } : undefined;
  };
  const states: string[] = [];
  for (let run = 0; run < 3; run += 1) states.push((await runToTheEnd(rig.operator)).state);
  assert.deepEqual(states, ['INCOMPLETE', 'INCOMPLETE', 'DONE']);
});

test('when extension refuses everyone, nobody is set aside', async () => {
  await rig.seed(65, ASSET);
  rig.extension.response = () => ({ status: 400, body: '' });
  assert.equal((await runToTheEnd(rig.operator)).state, 'INCOMPLETE');
  rig.extension.response = undefined;
  assert.equal((await runToTheEnd(rig.operator)).state, 'DONE');
  await assertDay(65);
});

test('while extension is unavailable a run gives up early, and a later one goes on', async () => {
  await rig.seed(400, ASSET);
  let served = 0;
  rig.extension.response = () => {
    served += 1;
    if (served > 150) throw new Error('connection refused');
    return undefined;
  };
  const broken = await runToTheEnd(rig.operator);
  assert.deepEqual([broken.state, broken.total, broken.updated], ['INCOMPLETE', 400n, 150n]);
  const asked = rig.extension.asked.length;
  assert.ok(asked < 150 + 4 * 150, `it asks no more when it is hopeless: ${asked}`);
  rig.extension.response = undefined;
  assert.equal((await runToTheEnd(rig.operator)).state, 'DONE');
  await assertDay(400);
});

test('of two replicas one works and the other follows; both see the end', async () => {
  await rig.seed(300, ASSET);
  const replica = await rig.replica();
  const ends = await Promise.all([runToTheEnd(rig.operator), runToTheEnd(replica.operator)]);
  for (const { state, updated } of ends) assert.deepEqual([state, updated], ['DONE', 300n]);
  assert.equal(rig.extension.asked.length, 300);
  await assertDay(300);
  await replica.service.close();
});

test('a runner that lost its lease applies nothing more, and another one finishes', async () => {
  await rig.seed(60, ASSET);
  const held = Promise.withResolvers<void>();
  rig.extension.gate = held.promise;
  const first = runToTheEnd(rig.operator);
  while (rig.extension.asked.length < 16) await new Promise((resolve) => setTimeout(resolve, 5));
  // As if its process had been stopped for longer than a lease lasts.
  await sql`update lease set epoch = epoch + 1, expires_at = '-infinity'`.execute(rig.tables.read);
  await sql`update asset_batch set state = 'INCOMPLETE'`.execute(rig.tables.read);
  const replica = await rig.replica();
  held.resolve();
  await first;
  rig.extension.gate = Promise.resolve();
  assert.equal((await runToTheEnd(replica.operator)).state, 'DONE');
  await assertDay(60);
  await replica.service.close();
});

test('a replica that is stopped leaves its run to the next at once', async () => {
  await rig.seed(80, ASSET);
  const replica = await rig.replica();
  const held = Promise.withResolvers<void>();
  rig.extension.gate = held.promise;
  const cut = runToTheEnd(replica.operator).catch((error: unknown) => error);
  while (rig.extension.asked.length < 16) await new Promise((resolve) => setTimeout(resolve, 5));
  await replica.service.close();
  await cut;
  const left = await readBatch(rig.tables.read, TODAY);
  assert.deepEqual([left?.state, left?.lapsed], ['RUNNING', true]);
  rig.extension.gate = Promise.resolve();
  held.resolve();
  assert.equal((await runToTheEnd(rig.operator)).state, 'DONE');
  await assertDay(80);
});

test('Postgres killed in the middle: the run goes on when it is back', async () => {
  await rig.seed(2_000, ASSET);
  const run = runToTheEnd(rig.operator);
  while (rig.extension.asked.length < 200) await new Promise((resolve) => setTimeout(resolve, 5));
  await postgres.kill();
  await postgres.start();
  const end = await run;
  const again = end.state === 'DONE' ? end : await runToTheEnd(rig.operator);
  assert.deepEqual([again.state, again.updated], ['DONE', 2_000n]);
  await assertDay(2_000);
});

test('due are the days after the last that is done, up to the one that has begun', () => {
  const noon = Date.parse('2026-11-26T03:00:00Z');
  const due = (done: string | undefined, nowMs: number) => dueDays(done, { nowMs, atMs: 600_000 });
  assert.deepEqual(due(undefined, noon), [TODAY]);
  assert.deepEqual(due(TODAY, noon), []);
  assert.deepEqual(due('2026-11-23', noon), ['2026-11-24', '2026-11-25', TODAY]);
  assert.deepEqual(due('2026-11-25', Date.parse('2026-11-25T15:09:59Z')), []);
  assert.deepEqual(due('2026-11-25', Date.parse('2026-11-25T15:10:00Z')), [TODAY]);
  assert.equal(due('2020-01-01', noon).length, 31);
  assert.deepEqual(due('2026-12-24', noon), []);
});
