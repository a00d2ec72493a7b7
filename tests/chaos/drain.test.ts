/** TERM reaches each process while it has 200 requests in flight: none of them fails. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase, sql } from '@gatehouse/postgres';
import { target } from '../e2e/support/config.ts';
import { until } from '../e2e/support/until.ts';
import { type Load, type LoadRequest, startLoad } from '../support/load.ts';
import { allReady, metric, pidsOf, signal } from './support/accidents.ts';
import { REQUESTS_PER_SECOND, unlike, type Visitor, visitor } from './support/traffic.ts';

const IN_FLIGHT = 200;
/** How long a process has been draining when its requests can go on. */
const DRAINED_FOR_MS = 500;
const EVERYONE = ['auth', 'user', 'board', 'board-2', 'gateway'];

let person: Visitor;

interface Drain {
  /** Who gets TERM. */
  readonly parts: readonly string[];
  /** Where their requests are made to wait: the table is locked. */
  readonly waiting: { readonly service: string; readonly table: string };
  readonly request: (index: number) => Omit<LoadRequest, 'token'>;
}

const reading = (path: string) => () => ({ name: 'read', verb: 'GET', path });
const READ_ME = reading('/user/v1/users/me');
const POST = {
  name: 'write',
  verb: 'POST',
  path: '/board/v1/posts',
  body: { title: 'a', body: 'b' },
};
const PROFILE = { service: 'user', table: 'profile' };

const drains: Readonly<Record<string, Drain>> = {
  gateway: { parts: ['gateway'], waiting: PROFILE, request: READ_ME },
  user: { parts: ['user'], waiting: PROFILE, request: READ_ME },
  auth: {
    parts: ['auth'],
    waiting: { service: 'auth', table: 'session' },
    request: reading('/auth/v1/sessions'),
  },
  'both copies of board, half of the requests being writes': {
    parts: ['board', 'board-2'],
    waiting: { service: 'board', table: 'post' },
    request: (index) => (index % 2 === 0 ? POST : reading('/board/v1/posts?pageSize=2')()),
  },
};

before(async () => {
  person = await visitor();
});

for (const [name, { parts, waiting, request }] of Object.entries(drains)) {
  test(`TERM to ${name} with 200 requests in flight`, async (t) => {
    await allReady(EVERYONE);
    const pids = pidsOf(parts);
    const before = await activeIn(parts);
    const release = await lock(waiting);
    const load = startLoad({
      baseUrl: target().edges[0],
      perSecond: REQUESTS_PER_SECOND,
      next: (index) => ({ ...request(index), token: person.token }),
    });
    t.after(() => load.stop());
    try {
      await termOnceBusy(parts, load, before);
    } finally {
      await release();
    }
    const results = await load.stop();
    t.diagnostic(`${results.length} in flight`);
    assert.ok(results.length >= IN_FLIGHT * parts.length);
    assert.deepEqual(unlike(results, 200, 201), {});
    await until(
      'they are started again',
      () => {
        return parts.every((part) => pidsOf([part])[part] !== pids[part]);
      },
      { timeoutMs: 30_000 },
    );
    await allReady(EVERYONE);
  });
}

/** Sends TERM once enough is in flight, and gives them time to stop listening. */
async function termOnceBusy(parts: readonly string[], load: Load, before: number): Promise<void> {
  const enough = IN_FLIGHT * parts.length;
  const busy = async () => (await activeIn(parts)) - before;
  await until(`${enough} requests are in flight`, async () => (await busy()) >= enough);
  // What comes after TERM to the only copy has nowhere to go, so all that was sent has to be there.
  void load.stop();
  await until('they are where they will wait', async () => (await busy()) >= load.inFlight);
  for (const part of parts) signal(part, 'SIGTERM');
  await delay(DRAINED_FOR_MS);
}

/** Requests that are being worked on, revocation feeds included. */
async function activeIn(parts: readonly string[]): Promise<number> {
  const counts = parts.map((part) =>
    metric(part, part === 'gateway' ? 'http_server_active_requests' : 'rpc_server_active_requests'),
  );
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Locks a table until released, so that whoever reads it waits. */
async function lock({ service, table }: Drain['waiting']): Promise<() => Promise<void>> {
  const url = target().databaseUrls[service] ?? '';
  const database = openDatabase<unknown>({ url, name: 'chaos', log: { info() {}, warn() {} } });
  const released = new AbortController();
  const locked = Promise.withResolvers<void>();
  const done = database.transaction(async (tx) => {
    await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(tx);
    locked.resolve();
    await once(released.signal, 'abort');
  });
  await Promise.race([locked.promise, done]);
  return async () => {
    released.abort();
    await done;
    await database.close();
  };
}
