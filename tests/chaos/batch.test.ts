/**
 * The daily batch while parts of it are killed: run again, each user has exactly one value of the day, and
 * every sum is what extension's multiplier says.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connectToCore } from '@gatehouse/platform';
import { type Database, openDatabase } from '@gatehouse/postgres';
import { target } from '../e2e/support/config.ts';
import { until } from '../e2e/support/until.ts';
import { allReady, keepDead, signal } from './support/accidents.ts';
import { BATCH_USERS } from './support/config.ts';

interface CoreTables {
  asset: { user_id: bigint; subject: string; opened_with: bigint; opened_at: Date } & Current;
  asset_history: { user_id: bigint; day: string; multiplier: string; recorded_at: Date } & Values;
}

interface Current {
  current_day: string;
  asset: bigint;
}

interface Values {
  original_asset: bigint;
  asset: bigint;
}

interface ExtensionTables {
  daily_multiplier: { user_id: bigint; day: string; multiplier: string };
}

// gatehouse.core.v1.UpdateAssetsProgress.State
const DONE = 2;
const ONE = 100_000_000n;
const AWAY_MS = 3_000;
const AGAIN = { timeoutMs: 120_000, everyMs: 500 };

let core: Database<CoreTables>;
let extension: Database<ExtensionTables>;

/** The day in Seoul so many days ago. */
const day = (ago: number): string =>
  new Date(Date.now() + 9 * 3_600_000 - ago * 86_400_000).toISOString().slice(0, 10);

before(async () => {
  core = open('core');
  extension = open('extension');
  const [opened_at, current_day] = [new Date(), day(9)];
  await core.transaction(async (tx) => {
    const rows = await tx
      .insertInto('asset')
      .values(
        Array.from({ length: BATCH_USERS }, (_, index) => {
          const asset = BigInt(1_000_000 + index * 7);
          const subject = `usr_chaos${index}`;
          // The column makes the number itself.
          return { subject, opened_with: asset, opened_at, current_day, asset } as never;
        }),
      )
      .returning(['user_id', 'asset'])
      .execute();
    const history = rows.map(({ user_id, asset }) => ({
      user_id,
      day: current_day,
      original_asset: asset,
      multiplier: '1',
      asset,
      recorded_at: opened_at,
    }));
    for (let start = 0; start < history.length; start += 5_000) {
      await tx
        .insertInto('asset_history')
        .values(history.slice(start, start + 5_000))
        .execute();
    }
  });
});

after(() => Promise.all([core.close(), extension.close()]));

function open<Tables>(name: string): Database<Tables> {
  const url = target().databaseUrls[name] ?? '';
  return openDatabase<Tables>({ url, name: 'chaos', log: { info: () => {}, warn: () => {} } });
}

/** Follows a run; `onProgress` is told how many assets have their value. @returns whether it is done. */
async function follow(date: string, onProgress: (updated: number) => void): Promise<boolean> {
  const { ports, identities } = target();
  const { client, close } = await connectToCore({
    tlsFolder: identities.operator ?? '',
    addresses: [`localhost:${ports.core?.grpc}`],
  });
  let isDone = false;
  try {
    for await (const { state, updated } of client.updateAssets({ date }, { timeoutMs: 120_000 })) {
      onProgress(Number(updated));
      isDone = state === DONE;
    }
  } finally {
    close();
  }
  return isDone;
}

/** Runs a day, lets `accident` happen when a part of it is done, and runs it again until it is done. */
async function runThrough(date: string, accident: () => Promise<void>): Promise<void> {
  let happening: Promise<void> | undefined;
  let atUpdated = 0;
  const watch = (updated: number): void => {
    if (happening !== undefined || updated === 0) return;
    atUpdated = updated;
    happening = accident();
  };
  const first = await follow(date, watch).catch(() => false);
  assert.ok(happening !== undefined, 'the run was over before anything could happen to it');
  assert.ok(atUpdated < BATCH_USERS, 'the accident came in the middle');
  await happening;
  if (!first) {
    await until(
      'a repeat finishes the day',
      () => follow(date, () => {}).catch(() => false),
      AGAIN,
    );
  }
}

async function assertDay(date: string): Promise<void> {
  const rows = await core.read
    .selectFrom('asset_history')
    .innerJoin('asset', 'asset.user_id', 'asset_history.user_id')
    .select(['asset_history.user_id', 'asset_history.original_asset', 'asset_history.multiplier'])
    .select(['asset_history.asset', 'asset.asset as now', 'asset.current_day'])
    .where('asset.subject', 'like', 'usr_chaos%')
    .where('asset_history.day', '=', date)
    .execute();
  assert.equal(rows.length, BATCH_USERS);
  assert.equal(new Set(rows.map(({ user_id: userId }) => userId)).size, BATCH_USERS);
  const drawn = await extension.read
    .selectFrom('daily_multiplier')
    .select(['user_id', 'multiplier'])
    .where('day', '=', date)
    .execute();
  const unitsOf = new Map(drawn.map((each) => [each.user_id, units(each.multiplier)]));
  for (const row of rows) {
    const said = unitsOf.get(row.user_id);
    assert.ok(said !== undefined);
    assert.equal(units(row.multiplier), said);
    assert.equal(row.asset, (row.original_asset * said + ONE / 2n) / ONE);
    assert.deepEqual([row.now, row.current_day], [row.asset, date]);
  }
}

/** Eight decimals as a whole number. */
function units(multiplier: string): bigint {
  const [whole = '', fraction = ''] = multiplier.split('.');
  return BigInt(whole + fraction.padEnd(8, '0'));
}

test('core killed with -9 in the middle', async () => {
  await runThrough(day(4), async () => signal('core', 'SIGKILL'));
  await assertDay(day(4));
  await allReady(['core']);
});

test('extension killed, and away for a while', async () => {
  await runThrough(day(3), () => keepDead('extension', AWAY_MS));
  await assertDay(day(3));
  await allReady(['extension']);
});

test('auth killed, and away for a while', async () => {
  await runThrough(day(2), () => keepDead('auth', AWAY_MS));
  await assertDay(day(2));
  await allReady(['auth']);
});

test('Postgres killed, and away for a while', async () => {
  await runThrough(day(1), () => keepDead('postgres', AWAY_MS));
  await until('the database answers', () => core.check().then(() => true), AGAIN);
  await assertDay(day(1));
  await allReady(['core', 'extension', 'auth']);
});

test('after all of that the last day goes through at once', async () => {
  const isDone = await until(
    'the day is done',
    () => follow(day(0), () => {}).catch(() => false),
    AGAIN,
  );
  assert.ok(isDone);
  await assertDay(day(0));
});
