import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gatehouse } from '../gateway/peers/gatehouse.ts';
import { startPeer, startWorld } from '../gateway/world.ts';
import { CORES, firstLine, startPinned } from '../harness/processes.ts';
import type { Bench, RunningSubject } from '../harness/types.ts';
import { load, type Workload } from '../harness/wrk.ts';

const TOKENS = 10_000;
const ROUND_SECONDS = 20;
const FORGED_PER_SECOND = 5000;
const ADDRESSES = 100;
const FORGED_TOKENS = 20_000;
const USERS = 'users';
const BESIDE = 'users beside forgers';
const WORKLOAD: Workload = { name: USERS, target: '/1k' };
const FORGE = fileURLToPath(new URL('forge.ts', import.meta.url));

export const bench: Bench = {
  name: 'gateway-abuse',
  about: `What others do to the gateway. \`${USERS}\`: people with ${TOKENS.toLocaleString('en')} good tokens, at half of what the gateway can do; none may fail. \`${BESIDE}\`: the same, while ${FORGED_PER_SECOND.toLocaleString('en')} forged tokens a second come from ${ADDRESSES} loopback addresses with twenty connections each; in the first case the same forgers work against the service behind, so that load and forgers cost their core the same.`,
  subjects: [
    { name: USERS, start: (core) => startUsers(core, { besideForgers: false }) },
    { name: BESIDE, start: (core) => startUsers(core, { besideForgers: true }) },
  ],
  goals: [],
  limits: [
    { subject: BESIDE, baseline: USERS, extra: 'p99Ms', atMost: 2 },
    { subject: BESIDE, extra: 'forgedPerSecond', atLeast: FORGED_PER_SECOND * 0.95 },
  ],
  rounds: 5,
  warmUpRounds: 0,
};

async function startUsers(
  core: number,
  { besideForgers }: { readonly besideForgers: boolean },
): Promise<RunningSubject> {
  const world = await startWorld({ tokens: TOKENS, alg: 'RS256' });
  const gateway = await startPeer(world, gatehouse({}), core);
  const forgedFile = join(world.folder, 'forged');
  const forged = Array.from({ length: FORGED_TOKENS }, () => world.issuer.forged());
  writeFileSync(forgedFile, `${forged.join('\n')}\n`);
  const run = { url: gateway.url, tokensFile: world.tokensFile, workload: WORKLOAD };
  await load({ ...run, seconds: ROUND_SECONDS });
  return {
    round: async () => {
      const { perSecond: most } = await load({ ...run, seconds: 2 });
      const forgers = startForgers(
        besideForgers ? gateway.port : world.place.upstreamPort,
        forgedFile,
      );
      const before = gateway.process.cpuSeconds();
      const { count, p99Ms, perSecond } = await load({
        ...run,
        seconds: ROUND_SECONDS,
        perSecond: most / 2,
      });
      const cpuSeconds = gateway.process.cpuSeconds() - before;
      const forged = await forgers.stop({ mayPass: !besideForgers });
      return { operations: count, cpuSeconds, extras: { perSecond, p99Ms, ...forged } };
    },
    close: async () => {
      await gateway.close();
      await world.close();
    },
  };
}

/** What the forgers say at their end. */
interface Forgery {
  readonly sent: number;
  readonly seconds: number;
  /** By status. */
  readonly answers: Readonly<Record<string, number>>;
}

type ForgedExtras = Readonly<Record<'forgedPerSecond' | 'refusedPerSecond', number>>;

function startForgers(port: number, forgedFile: string) {
  const args = [FORGE, `${port}`, forgedFile, `${FORGED_PER_SECOND}`, `${ADDRESSES}`];
  const forgers = startPinned(CORES.others, [process.execPath, ...args]);
  const said = firstLine(forgers.child);
  return {
    stop: async ({ mayPass }: { readonly mayPass: boolean }): Promise<ForgedExtras> => {
      forgers.child.kill('SIGTERM');
      const { sent, seconds, answers } = JSON.parse(await said) as Forgery;
      await forgers.stop();
      if (!mayPass && answers['200'] !== undefined) throw new Error('a forged token was taken');
      const answered = Object.values(answers).reduce((sum, count) => sum + count, 0);
      return { forgedPerSecond: sent / seconds, refusedPerSecond: answered / seconds };
    },
  };
}
