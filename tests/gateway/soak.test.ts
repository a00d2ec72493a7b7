/**
 * The file is read again and again, upstreams die and return, and all the while requests come at
 * their times, with large bodies both ways: no safe request fails, no body is cut or mixed,
 * no memory grows.
 */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { KILL_EVERY_MS, RELOAD_EVERY_MS, RELOADS, SOAK_PER_SECOND } from './support/config.ts';
import { chooseExchange, type Exchange, type Exchanged, exchange } from './support/exchange.ts';
import { type Fleet, startFleet } from './support/fleet.ts';
import { type Gateway, type GatewayFile, startGateway } from './support/gateway.ts';
import { AUDIENCE, type Issuer, startIssuer } from './support/issuer.ts';
import { residentMiB } from './support/process.ts';
import { until } from './support/until.ts';

const TICK_MS = 10;
const AWAY_MS = 400;
/** On a machine with much to do a death is noticed late. */
const SEEN_LATE_MS = 3000;
const LARGE_BYTES = 512 * 1024;
/** Above this no more are begun until some have ended: each holds files open in three processes. */
const MOST_OPEN = 300;
const MOST_GROWTH_MIB = 64;
/** With room the collector comes once in minutes, and its leisure looks like growth; here a leak is the end. */
const HEAP_MB = 128;
/** Of what was to be begun: MOST_OPEN holds some back on a busy machine. */
const LEAST_OF_LOAD = 0.5;

interface Outcome extends Exchanged {
  readonly method: string;
  readonly seed: number;
  readonly endedMs: number;
}

let issuer: Issuer;
let fleet: Fleet;
let gateway: Gateway;

before(async () => {
  issuer = await startIssuer();
  fleet = await startFleet(3);
  gateway = await startGateway(fileOf(0), { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
});
after(async () => {
  await gateway.stop();
  await fleet.stop();
  await issuer.close();
});

test(`${RELOADS} reloads and deaths at ${SOAK_PER_SECOND} requests a second`, {
  timeout: 3_600_000,
}, async (t) => {
  const first = Math.floor(Math.random() * 2 ** 30);
  t.diagnostic(`seeds from ${first}`);
  const load = startSoak(first);
  const begunMs = performance.now();
  const memory: number[] = [];
  const accidents = new AbortController();
  const deaths = keepKilling(accidents.signal);
  for (let reload = 1; reload <= RELOADS; reload += 1) {
    await gateway.rewrite(fileOf(reload));
    // By the change itself, or by the signal.
    if (reload % 2 === 0) process.kill(gateway.pid, 'SIGHUP');
    await until(`reload ${reload} is in force`, () => isThere(`/more-${reload}`));
    await delay(RELOAD_EVERY_MS);
    memory.push(residentMiB(gateway.pid));
  }
  accidents.abort();
  await deaths;
  const wantedAtLeast = ((performance.now() - begunMs) / 1000) * SOAK_PER_SECOND * LEAST_OF_LOAD;
  const outcomes = await load.stop();
  // The first third is the heap's way to its size.
  const third = Math.floor(memory.length / 3);
  const grownMiB = median(memory.slice(-third)) - median(memory.slice(third, -third));
  t.diagnostic(`${outcomes.length} requests, ${fleet.deaths.length} deaths, ${tally(outcomes)}`);
  t.diagnostic(`memory in MiB: ${memory.map(Math.round).join(' ')}`);
  assert.ok(fleet.deaths.length > 2, 'upstreams died');
  assert.ok(outcomes.length > wantedAtLeast, 'there was a load');
  assert.deepEqual(outcomes.filter(isWrong).map(said), []);
  assert.ok(grownMiB < MOST_GROWTH_MIB, `memory grew by ${grownMiB.toFixed(0)} MiB`);
});

/** Each differs from the one before: time-outs, one copy less, another ratio, a route more. */
function fileOf(reload: number): GatewayFile {
  const { addresses } = fleet;
  const left = reload % 4 === 3 ? addresses.slice(0, 2) : addresses;
  const route = {
    name: 'hashed',
    path: '/hashed/{rest=**}',
    methods: ['GET', 'POST', 'PUT'],
    rule: { subject: 'SIGNED_IN', scopes: ['items:read'] },
    upstream: 'hashes',
    retries: 2,
    timeouts: { first_byte: `${30 + (reload % 3)}s` },
  };
  return {
    issuers: [{ issuer: issuer.url, audience: AUDIENCE }],
    upstreams: {
      hashes: {
        addresses: left,
        keep_alive: '2s',
        slow_start: '500ms',
        retry_budget: { ratio: reload % 2 === 0 ? 0.5 : 0.6, min_per_second: 200 },
        ejection: { failures: 3, for: '200ms', at_most: '1s' },
      },
    },
    routes: [route, { ...route, name: 'more', path: `/more-${reload}` }],
  };
}

async function isThere(path: string): Promise<boolean> {
  const { status } = await fetch(`http://127.0.0.1:${gateway.port}${path}`);
  return status !== 404;
}

async function keepKilling(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(KILL_EVERY_MS - AWAY_MS);
    await fleet.killNext(AWAY_MS);
  }
}

/**
 * A safe request may not fail at all, unless its upstream died in the middle of its answer: then the
 * connection broke, and the client saw it. An unsafe one may be lost with its upstream, and is
 * told so. No answer of any may be another one, or short and look whole.
 */
function isWrong(outcome: Outcome): boolean {
  const { fault, broken, status, method, upstream, endedMs } = outcome;
  if (fault === undefined) return false;
  const died = fleet.deaths.some(
    ({ pid, atMs, backMs = Number.POSITIVE_INFINITY }) =>
      (upstream === '' || pid === upstream) &&
      endedMs > atMs - 50 &&
      endedMs < backMs + SEEN_LATE_MS,
  );
  if (!died) return true;
  // A reset overtakes a head that the client has not read yet.
  return !broken && (method === 'GET' || status !== 503);
}

/** As many as come in life: most are small, some are large, either way. */
function soakExchange(seed: number): Exchange {
  const chosen = chooseExchange(seed);
  const large = seed % 10;
  return {
    ...chosen,
    closes: false,
    expectsContinue: false,
    request:
      large === 1 && chosen.method !== 'GET'
        ? { ...chosen.request, size: LARGE_BYTES }
        : chosen.request,
    answer: large === 2 ? { ...chosen.answer, size: LARGE_BYTES } : chosen.answer,
  };
}

function startSoak(first: number): { stop(): Promise<readonly Outcome[]> } {
  const agent = new Agent({ keepAlive: true });
  const tokens = Array.from({ length: 100 }, () => issuer.token());
  const outcomes: Outcome[] = [];
  const open = new Set<Promise<void>>();
  const begunMs = performance.now();
  let begun = 0;
  const begin = (seed: number): void => {
    const chosen = soakExchange(seed);
    const token = tokens[seed % tokens.length] ?? '';
    const way = { agent, port: gateway.port, path: '/hashed/a', token };
    const one = exchange(way, chosen).then((outcome) => {
      outcomes.push({ ...outcome, method: chosen.method, seed, endedMs: performance.now() });
      open.delete(one);
    });
    open.add(one);
  };
  const timer = setInterval(() => {
    const due = ((performance.now() - begunMs) / 1000) * SOAK_PER_SECOND;
    for (; begun < due && open.size < MOST_OPEN; begun += 1) begin(first + begun);
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
      return outcomes;
    },
  };
}

function said({ method, seed, status, fault, upstream }: Outcome): string {
  return `${method} seed ${seed}: ${status} ${fault} (upstream ${upstream === '' ? 'none' : upstream})`;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function tally(outcomes: readonly Outcome[]): string {
  const counts: Record<string, number> = {};
  for (const { method, status, fault, broken } of outcomes) {
    const name = fault === undefined ? 'whole' : `${method} ${broken ? 'broken' : status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return JSON.stringify(counts);
}
