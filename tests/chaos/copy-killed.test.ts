/** One of two copies of a service is killed, again and again: no safe request fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { target } from '../e2e/support/config.ts';
import { crash } from '../e2e/support/processes.ts';
import { until } from '../e2e/support/until.ts';
import { tally } from '../support/load.ts';
import { allReady, metric } from './support/accidents.ts';
import { COPY_DEATHS } from './support/config.ts';
import { traffic, unlike, visitor } from './support/traffic.ts';

const COPIES = ['board', 'board-2'];

test('with two copies, no safe request fails when one of them is killed', async (t) => {
  const load = traffic(await visitor());
  t.after(() => load.stop());
  for (let death = 0; death < COPY_DEATHS; death += 1) {
    await Promise.all(COPIES.map(isGivenWork));
    await crash(target().dataDir, COPIES[death % COPIES.length] ?? '');
    await allReady(COPIES);
  }
  await delay(500);
  const results = await load.stop();
  t.diagnostic(JSON.stringify(tally(results)));
  const [reads, writes] = [
    results.filter(({ name }) => name !== 'write post'),
    results.filter(({ name }) => name === 'write post'),
  ];
  assert.ok(reads.length > 0 && writes.length > 0);
  assert.deepEqual(unlike(reads, 200), {});
  // A write whose copy died may have had its effect: it is not repeated, and says so.
  assert.deepEqual(unlike(writes, 201, 503), {});
});

/** The gateway has found the copy, and its process serves calls. */
async function isGivenWork(copy: string): Promise<void> {
  await until(`${copy} serves`, async () => {
    return (await metric(copy, 'rpc_server_call_duration_count')) > 0;
  });
}
