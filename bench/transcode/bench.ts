import { type PinnedProcess, startWork } from '../harness/processes.ts';
import type { Bench, RunningSubject, Sample } from '../harness/types.ts';
import { load, type Workload } from '../harness/wrk.ts';
import { IN_FLIGHT, publishTarget } from './target.ts';
import { startWorld, type World } from './world.ts';

const TOKENS = 10_000;
const ROUND_SECONDS = 3;
const GATEWAY = 'gateway: REST to gRPC';
const CLIENT = 'grpc-js client';
const ONE_POST: Workload = { name: 'one post', target: '/board/v1/posts/pst_1' };

export const bench: Bench = {
  name: 'transcode',
  about: `\`GET /board/v1/posts/{post_id}\` through the gateway, with ${TOKENS.toLocaleString('en')} distinct access tokens in turn, all verified before; beside a bare grpc-js client that makes the same call. Both with ${IN_FLIGHT} in flight, over mutual TLS, to the same grpc-js server, which answers with the same bytes. The gateway does its whole work: strict parsing, cached verification, limits, the rule, a passport (a new one for each token every ten seconds: with this many tokens, a seventh of the requests at 7,000 a second by the clock, and all of them at 1,000), JSON from protobuf, a span. Load by wrk; its latencies hold the queue that ${IN_FLIGHT} in flight make. The goal is 0.75 of the client or 5,000 a second, whichever is less.`,
  subjects: [
    { name: GATEWAY, start: startGateway },
    {
      name: CLIENT,
      start: (core) =>
        startWork(core, { module: new URL('works.ts', import.meta.url), name: CLIENT }),
    },
  ],
  goals: [{ subject: GATEWAY, baseline: CLIENT, atLeast: 0.75, orPerCpuSecond: 5000 }],
  rounds: 10,
  warmUpRounds: 2,
};

async function startGateway(core: number): Promise<RunningSubject> {
  const world = await startWorld(core, TOKENS);
  publishTarget(world.target);
  // Long enough to verify each token, and for the compiler to see what is hot.
  await load({ ...runOn(world), seconds: ROUND_SECONDS * 4 });
  return { round: () => measured(world, world.gateway), close: () => world.close() };
}

async function measured(world: World, gateway: PinnedProcess): Promise<Sample> {
  const before = gateway.cpuSeconds();
  const { count, perSecond, p50Ms, p99Ms } = await load(runOn(world));
  const cpuSeconds = gateway.cpuSeconds() - before;
  return { operations: count, cpuSeconds, extras: { perSecond, p50Ms, p99Ms } };
}

function runOn({ gatewayUrl, tokensFile }: World) {
  return { url: gatewayUrl, tokensFile, workload: ONE_POST, seconds: ROUND_SECONDS };
}
