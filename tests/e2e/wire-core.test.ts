/** The wire of `/core/v1`, line by line, and the batch from the command line to extension and back. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectToCore } from '@gatehouse/platform';
import { makeClient, plainUrl, serviceToken } from './support/clients.ts';
import { target } from './support/config.ts';
import { call } from './support/edge.ts';
import { logIn, logInAs, signUp } from './support/people.ts';
import { assertProblem, assertUnauthorized } from './support/problem.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ME = '/core/v1/assets/me';
const HISTORY = `${ME}/history`;
const DAY_MS = 86_400_000;

interface HistoryDay {
  readonly date: string;
  readonly originalAsset: string;
  readonly multiplier: string;
  readonly asset: string;
}

interface Asset {
  readonly userId: string;
  readonly asset: string;
  readonly currentAssetHistory: HistoryDay;
  readonly openedAt: string;
}

interface Chart {
  readonly from: string;
  readonly to: string;
  readonly points: readonly HistoryDay[];
}

/** The day in Seoul so many days ago. */
const day = (ago = 0): string =>
  new Date(Date.now() + 9 * 3_600_000 - ago * DAY_MS).toISOString().slice(0, 10);

let person: { readonly userId: string; readonly token: string };

before(async () => {
  const { userId, ...rest } = await signUp();
  person = { userId, token: (await logIn({ ...rest })).accessToken };
});

test('an asset begins with all its digits, once', async () => {
  assertProblem(await call(`GET ${ME}`, person), 404, { code: 'core.no_asset' });
  const body = { asset: '9007199254740993' };
  const opened = await call<Asset>(`POST ${ME}`, { ...person, body });
  assert.equal(opened.status, 201, opened.text);
  assert.match(opened.body.userId, /^\d+$/);
  assert.equal(opened.body.asset, body.asset);
  assert.deepEqual(opened.body.currentAssetHistory, {
    date: opened.body.currentAssetHistory.date,
    originalAsset: body.asset,
    multiplier: '1',
    asset: body.asset,
  });
  assert.deepEqual((await call<Asset>(`POST ${ME}`, { ...person, body })).body, opened.body);
  assert.deepEqual((await call<Asset>(`GET ${ME}`, person)).body, opened.body);
  const other = await call(`POST ${ME}`, { ...person, body: { asset: '5' } });
  assertProblem(other, 409, { code: 'core.asset_begun' });
});

test('amounts that are none are refused by name', async () => {
  for (const asset of ['-1', '1.5', '9223372036854775808', 'much', null]) {
    const answer = await call(`POST ${ME}`, { ...person, body: { asset } });
    if (asset === null) assert.notEqual(answer.status, 500);
    else assertProblem(answer, 400, { at: ['/asset'] });
  }
});

test('a chart has the points of the days that are asked for', async () => {
  const chart = await call<Chart>(`GET ${HISTORY}`, person);
  assert.equal(chart.status, 200, chart.text);
  assert.deepEqual([chart.body.to, chart.body.points.length], [day(), 1]);
  const none = await call<Chart>(`GET ${HISTORY}?from=2020-01-01&to=2020-01-31`, person);
  assert.deepEqual(none.body, { from: '2020-01-01', to: '2020-01-31', points: [] });
  for (const [query, at] of [
    ['from=2026-02-30', '/from'],
    ['to=today', '/to'],
    ['from=2026-02-02&to=2026-02-01', '/from'],
  ] as const) {
    assertProblem(await call(`GET ${HISTORY}?${query}`, person), 400, { at: [at] });
  }
});

test('nobody sees an asset without a token, nor without the scope', async () => {
  assertUnauthorized(await call(`GET ${ME}`));
  const narrow = await signUp();
  const { accessToken: token } = await logIn(narrow, { scope: 'asset:read' });
  assertProblem(await call(`POST ${ME}`, { token, body: { asset: '1' } }), 403, {
    code: 'access.scope',
  });
});

test('the demo member has a history that a chart can show', async () => {
  const { accessToken: token } = await logInAs('member');
  const { body } = await call<Chart>(`GET ${HISTORY}`, { token });
  assert.equal(body.points.length, 60);
  const dates = body.points.map(({ date }) => date);
  assert.deepEqual(dates, dates.toSorted());
});

function updateAssets(...args: readonly string[]): Promise<{ code: number; said: string }> {
  const command = join(ROOT, 'apps/cli/bin/gatehouse.js');
  const { ports, identities } = target();
  const where = ['--core', `localhost:${ports.core?.grpc}`, '--tls-dir', identities.operator ?? ''];
  return new Promise((resolve) => {
    const all = [command, 'core', 'update-assets', ...where, ...args];
    const child = execFile(process.execPath, all, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}` });
    });
  });
}

test('the batch gives each asset the value that extension says, and a repeat changes nothing', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, () => signUp()));
  const { ports, identities } = target();
  const core = {
    tlsFolder: identities.operator ?? '',
    addresses: [`localhost:${ports.core?.grpc}`],
  };
  const { client, close } = await connectToCore(core);
  const history = [{ date: day(3), originalAsset: 1_000_003n, multiplier: '1', asset: 1_000_003n }];
  for (const { userId: subject } of people) await client.importAsset({ subject, history });
  close();

  const first = await updateAssets();
  assert.equal(first.code, 0, first.said);
  assert.match(first.said, new RegExp(`^${day()}: all \\d+ assets have their value`, 'm'));
  const again = await updateAssets('--json');
  assert.deepEqual([again.code, JSON.parse(again.said).done], [0, true]);

  const token = await serviceToken(await makeClient('core-checker', ['asset:update']));
  for (const each of people) {
    const { accessToken } = await logIn(each);
    const { body } = await call<Chart>(`GET ${HISTORY}`, { token: accessToken });
    assert.deepEqual(
      body.points.map(({ date }) => date),
      [day(3), day()],
    );
    const asset = await call<Asset>(`GET ${ME}`, { token: accessToken });
    const answer = await fetch(
      `${plainUrl('extension')}/msa/ext/api/update-asset/${asset.body.userId}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: `{"asset":1000003,"snapshotDay":"${day()}"}`,
      },
    );
    const { data } = (await answer.json()) as {
      data: { multiplier: number; updatedAsset: number };
    };
    assert.equal(asset.body.asset, String(data.updatedAsset));
    assert.equal(Number(asset.body.currentAssetHistory.multiplier), data.multiplier);
  }
});

test('a day to come, and one that is none, is refused before anything is done', async () => {
  const later = await updateAssets('--date', day(-2));
  assert.equal(later.code, 1);
  assert.match(later.said, /\/date must not be after/);
  const none = await updateAssets('--date', 'tomorrow');
  assert.equal(none.code, 2);
  assert.match(none.said, /--date takes a day/);
});

test('its plain listener says that it lives, and nothing else', async () => {
  const health = await fetch(`${plainUrl('core')}/health`);
  assert.deepEqual([health.status, await health.text()], [200, '{"status":"UP"}']);
  assert.equal((await fetch(`${plainUrl('core')}/core/v1/assets/me`)).status, 404);
});
