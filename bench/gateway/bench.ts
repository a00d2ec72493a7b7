import { CORES } from '../harness/processes.ts';
import type { Bench, RunningSubject, Sample, Subject } from '../harness/types.ts';
import { CONNECTIONS, load, type Workload } from './load.ts';
import { PEERS } from './peers.ts';
import { type Running, startPeer, startWorld, type World } from './world.ts';

const TOKENS = 10_000;
const ROUND_SECONDS = 2;
/** GET requests of one token share a passport for so long: less would count too many signatures, or none. */
const SHARE_SECONDS = 10;
const WARM_UP_SECONDS = 5;
const OURS = 'gatehouse';
const NGINX = 'nginx';
const FASTIFY = '@fastify/http-proxy + jose';
const WORKLOADS: readonly Workload[] = [
  { name: '1 kB', target: '/1k', postBytes: 0 },
  { name: '100 kB', target: '/100k', postBytes: 0 },
  { name: '10 kB post', target: '/posted', postBytes: 10_240 },
];
/** At half load: of what each can do by itself. */
const HALF: Workload = { name: '1 kB at half load', target: '/1k', postBytes: 0 };

const secondsOf = ({ postBytes }: Workload, peer: string): number =>
  peer === OURS && postBytes === 0 ? SHARE_SECONDS : ROUND_SECONDS;
const nameOf = (workload: Workload, peer: string): string => `${workload.name}: ${peer}`;

export const bench: Bench = {
  name: 'gateway',
  about: `Plain HTTP services behind a gateway: answers of 1 kB and 100 kB, posts of 10 kB, with ${TOKENS.toLocaleString('en')} distinct RS256 access tokens in turn. Gatehouse checks each token (all verified before, so from its cache), the rule, mints passports, and forwards; nginx proxies and looks at nothing; \`@fastify/http-proxy\` verifies with jose at each request, and HAProxy with \`jwt_verify\`. \`bare node:net\` passes bytes on and reads none of them: no gateway in one Node process can cost less. Each on one core, one process; all before the same nginx, which answers from memory and shares the other cores with wrk. ${CONNECTIONS} connections, kept alive on both sides. At half load wrk paces the requests to half of what the same gateway did just before, in as long a round, and \`p99Ms\` is the time until the answer. Oathkeeper is not beside them: its module is not to be had from the Go module proxy.`,
  subjects: [
    ...WORKLOADS.flatMap((workload) =>
      Object.keys(PEERS).map((peer) => atFullLoad(workload, peer)),
    ),
    ...[OURS, NGINX].map(atHalfLoad),
  ],
  goals: WORKLOADS.flatMap((workload) => [
    { subject: nameOf(workload, OURS), baseline: nameOf(workload, NGINX), atLeast: 0.38 },
    { subject: nameOf(workload, OURS), baseline: nameOf(workload, FASTIFY), atLeast: 2 },
  ]),
  limits: [
    { subject: nameOf(HALF, OURS), baseline: nameOf(HALF, NGINX), extra: 'p99Ms', atMost: 3 },
  ],
  rounds: 7,
  warmUpRounds: 1,
};

let shared: Promise<World> | undefined;
const running = new Map<string, Promise<Running>>();
let users = 0;

/** One process for each gateway, whatever is asked of it. */
async function use(peer: string, core: number): Promise<{ world: World; gateway: Running }> {
  users += 1;
  shared ??= startWorld({ tokens: TOKENS, alg: 'RS256' });
  const world = await shared;
  const started = running.get(peer) ?? startWarm(world, peer, core);
  running.set(peer, started);
  return { world, gateway: await started };
}

/** Long enough to verify each token, and for the compiler to see what is hot. */
async function startWarm(world: World, peer: string, core: number): Promise<Running> {
  const gateway = await startPeer(world, peer, core);
  const { port } = gateway;
  for (const workload of WORKLOADS) {
    await load({ port, tokensFile: world.tokensFile, workload, seconds: WARM_UP_SECONDS });
  }
  return gateway;
}

async function leave(): Promise<void> {
  users -= 1;
  if (users > 0) return;
  for (const started of running.values()) await (await started).process.stop();
  await (await shared)?.close();
}

function atFullLoad(workload: Workload, peer: string): Subject {
  return {
    name: nameOf(workload, peer),
    start: (core) =>
      started(peer, core, (round) => full(workload, secondsOf(workload, peer), round)),
  };
}

function atHalfLoad(peer: string): Subject {
  return {
    name: nameOf(HALF, peer),
    start: (core) => started(peer, core, (round) => half(secondsOf(HALF, peer), round)),
  };
}

interface Round {
  readonly world: World;
  readonly gateway: Running;
}

async function started(
  peer: string,
  core: number,
  measure: (round: Round) => Promise<Sample>,
): Promise<RunningSubject> {
  const round = await use(peer, core);
  return { round: () => measure(round), close: leave };
}

async function full(
  workload: Workload,
  seconds: number,
  { world, gateway }: Round,
): Promise<Sample> {
  const before = gateway.process.cpuSeconds();
  const { port } = gateway;
  const { tokensFile } = world;
  const { count, perSecond, p99Ms } = await load({
    port,
    tokensFile,
    workload,
    seconds,
  });
  const cpuSeconds = gateway.process.cpuSeconds() - before;
  return { operations: count, cpuSeconds, extras: { perSecond, p99Ms } };
}

async function half(seconds: number, { world, gateway }: Round): Promise<Sample> {
  const { port } = gateway;
  const run = { port, tokensFile: world.tokensFile, workload: HALF, seconds };
  const most = await load(run);
  const before = gateway.process.cpuSeconds();
  const { count, perSecond, p99Ms } = await load({ ...run, perSecond: most.perSecond / 2 });
  const cpuSeconds = gateway.process.cpuSeconds() - before;
  return { operations: count, cpuSeconds, extras: { perSecond, p99Ms } };
}

// What a gateway costs is its own only where nothing else is on its core.
if (CORES.others === String(CORES.subject))
  console.warn('one core for all: only ratios mean anything');
