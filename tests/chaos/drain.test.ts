/** TERM reaches each process while it has 200 requests in flight: none of them fails. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase, sql } from '@gatehouse/postgres';
import { target } from '../e2e/support/config.ts';
import { until } from '../e2e/support/until.ts';
import { type Load, type LoadRequest, startLoad, tally } from '../support/load.ts';
import { allReady, metric, pidsOf, signal } from './support/accidents.ts';
import { REQUESTS_PER_SECOND, unlike, type Visitor, visitor } from './support/traffic.ts';

const IN_FLIGHT = 200;
/** What is sent is with its service a moment after the gateway has it. */
const ON_THE_WAY_MS = 300;
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
    const release = await lock(waiting);
    const load = startLoad({
      baseUrl: target().edges[0],
      perSecond: REQUESTS_PER_SECOND,
      next: (index) => ({ ...request(index), token: person.token }),
    });
    let termMs: number;
    try {
      termMs = await termOnceBusy(parts, load);
    } finally {
      await release();
    }
    const results = await load.stop();
    const inFlight = results.filter(({ startedMs }) => startedMs < termMs);
    const later = tally(results.filter(({ startedMs }) => startedMs >= termMs));
    t.diagnostic(`${inFlight.length} in flight; after them: ${JSON.stringify(later)}`);
    assert.ok(inFlight.length >= IN_FLIGHT);
    assert.deepEqual(unlike(inFlight, 200, 201), {});
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

/** Sends TERM once enough is in flight; when that was. */
async function termOnceBusy(parts: readonly string[], load: Load): Promise<number> {
  const enough = IN_FLIGHT * parts.length;
  await until(`${enough} requests are in flight`, async () => {
    return (await metric('gateway', 'http_server_active_requests')) >= enough;
  });
  // What comes after TERM to the only copy has nowhere to go. The gateway's own is tried to the last.
  if (!parts.includes('gateway')) void load.stop();
  await delay(ON_THE_WAY_MS);
  const termMs = performance.now();
  for (const part of parts) signal(part, 'SIGTERM');
  await delay(ON_THE_WAY_MS);
  return termMs;
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
