/** Gateways under load: one process for each, whatever is asked of it. */
import { shared } from '../harness/shared.ts';
import type { Sample, Subject } from '../harness/types.ts';
import { load, type Workload } from '../harness/wrk.ts';
import type { Peer } from './peers/peer.ts';
import { type Running, startPeer, startWorld, type World } from './world.ts';

const WARM_UP_SECONDS = 2;

/** Gateways by name, and what each is asked. */
export interface Compared {
  readonly peers: Readonly<
    Record<string, { readonly peer: Peer; readonly workloads: readonly Workload[] }>
  >;
  /** Who is also asked for half of what it did, and what. */
  readonly half: {
    readonly of: Workload;
    readonly as: Workload;
    readonly peers: readonly string[];
  };
  /** Distinct access tokens. */
  readonly tokens: number;
  /** Seconds of one round. */
  readonly secondsOf: (workload: Workload, peer: string) => number;
}

export const nameOf = (workload: Workload, peer: string): string => `${workload.name}: ${peer}`;

/** A gateway that has verified every token. */
interface Warm {
  readonly world: World;
  readonly gateway: Running;
  close(): Promise<void>;
}

/** Subjects of one run. Those at half load come last, since they go by what was done at full load. */
export function subjectsOf({ peers, half, tokens, secondsOf }: Compared): readonly Subject[] {
  const openWorld = shared(() => startWorld({ tokens, alg: 'RS256' }));
  const opens = new Map(
    Object.entries(peers).map(([name, entry]) => [name, onceFor(openWorld, entry)]),
  );
  const perSecondOf = new Map<string, number>();

  function subject(workload: Workload, peer: string, share?: number): Subject {
    const measure = async (warm: Warm): Promise<Sample> => {
      const most = perSecondOf.get(peer);
      if (share !== undefined && most === undefined)
        throw new Error(`${peer} had no full load yet`);
      const paced = share === undefined || most === undefined ? {} : { perSecond: most * share };
      const run = { workload, seconds: secondsOf(workload, peer), ...paced };
      const sample = await loadOf(warm, run);
      if (workload === half.of) perSecondOf.set(peer, sample.extras.perSecond);
      return sample;
    };
    return {
      name: nameOf(workload, peer),
      start: async (core) => {
        const warm = await opens.get(peer)?.(core);
        if (warm === undefined) throw new Error(`there is no ${peer}`);
        return { round: () => measure(warm), close: () => warm.close() };
      },
    };
  }

  const workloads = [...new Set(Object.values(peers).flatMap((entry) => entry.workloads))];
  const atFullLoad = workloads.flatMap((workload) =>
    Object.keys(peers)
      .filter((peer) => peers[peer]?.workloads.includes(workload))
      .map((peer) => subject(workload, peer)),
  );
  return [...atFullLoad, ...half.peers.map((peer) => subject(half.as, peer, 0.5))];
}

/** One process of a gateway for all its subjects, on the core that the first of them is given. */
function onceFor(
  openWorld: () => Promise<World>,
  { peer, workloads }: Compared['peers'][string],
): (core: number) => Promise<Warm> {
  let core = 0;
  const open = shared(async (): Promise<Warm> => {
    const world = await openWorld();
    const gateway = await startPeer(world, peer, core);
    const { url } = gateway;
    // Long enough to verify each token, and for the compiler to see what is hot.
    for (const workload of workloads) {
      await load({ url, tokensFile: world.tokensFile, workload, seconds: WARM_UP_SECONDS });
    }
    const close = async (): Promise<void> => {
      await gateway.close();
      await world.close();
    };
    return { world, gateway, close };
  });
  return (given) => {
    core = given;
    return open();
  };
}

async function loadOf(
  { gateway, world }: Warm,
  run: { readonly workload: Workload; readonly seconds: number; readonly perSecond?: number },
) {
  const before = gateway.process.cpuSeconds();
  const { tokensFile } = world;
  const { count, perSecond, p99Ms } = await load({ url: gateway.url, tokensFile, ...run });
  const cpuSeconds = gateway.process.cpuSeconds() - before;
  return { operations: count, cpuSeconds, extras: { perSecond, p99Ms } };
}
