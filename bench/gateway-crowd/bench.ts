/** What a crowd leaves behind: people who each come once. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gatehouse } from '../gateway/peers/gatehouse.ts';
import { startPeer, startWorld, type World } from '../gateway/world.ts';
import { CORES, firstLine, startPinned } from '../harness/processes.ts';
import type { Bench, RunningSubject, Sample } from '../harness/types.ts';

const FIRST_STRANGERS = 200_000;
const STRANGERS = 1_000_000;
const CROWD = 'a million tokens';
const STRANGERS_SCRIPT = fileURLToPath(new URL('strangers.ts', import.meta.url));

export const bench: Bench = {
  name: 'gateway-crowd',
  about: `Memory of the gateway over a crowd. \`${CROWD}\`: ${STRANGERS.toLocaleString('en')} people who each come once, with an ES256 token of their own, of which the gateway keeps what it wants; \`growth\` is its resident memory after all of them to that after the first ${FIRST_STRANGERS.toLocaleString('en')}, once they are no more.`,
  subjects: [{ name: CROWD, start: startCrowd }],
  goals: [],
  limits: [{ subject: CROWD, extra: 'growth', atMost: 1.15 }],
  // It takes minutes.
  rounds: 1,
  warmUpRounds: 0,
};

async function startCrowd(core: number): Promise<RunningSubject> {
  const world = await startWorld({ tokens: 1, alg: 'ES256' });
  const gateway = await startPeer(world, gatehouse({}), core);
  return {
    round: async (): Promise<Sample> => {
      const before = gateway.process.cpuSeconds();
      await strangers(world, gateway.port, FIRST_STRANGERS);
      const firstMb = residentMb(gateway.process.child.pid);
      await strangers(world, gateway.port, STRANGERS - FIRST_STRANGERS);
      const lastMb = residentMb(gateway.process.child.pid);
      const cpuSeconds = gateway.process.cpuSeconds() - before;
      const extras = { firstMb, lastMb, growth: lastMb / firstMb };
      return { operations: STRANGERS, cpuSeconds, extras };
    },
    close: async () => {
      await gateway.close();
      await world.close();
    },
  };
}

async function strangers(world: World, port: number, count: number): Promise<void> {
  const args = [STRANGERS_SCRIPT, `${port}`, world.issuer.keyFile, `${count}`];
  const crowd = startPinned(CORES.others, [process.execPath, ...args]);
  const answers = JSON.parse(await firstLine(crowd.child)) as Readonly<Record<string, number>>;
  if (crowd.child.exitCode === null) await once(crowd.child, 'exit');
  if (answers['200'] !== count) throw new Error(`not all were allowed: ${JSON.stringify(answers)}`);
}

function residentMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}
