import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePortOffset } from '../../tests/e2e/support/port-offset.ts';
import type { Bench, RunningSubject, Sample } from '../harness/types.ts';
import { useOfTree } from './process-tree.ts';

const GATEHOUSE = fileURLToPath(new URL('../../apps/cli/bin/gatehouse.js', import.meta.url));
const FIRST = 'first start';
const LATER = 'later start';
/** What is needed once only has been given back by then. */
const SETTLE_MS = 2000;

export const bench: Bench = {
  name: 'start',
  about: `\`gatehouse up\`: the supervisor, Postgres, auth, user, board and gateway, each a process, on all cores. ${FIRST}: an empty folder, with initdb, keys, migrations, sign-up of three people. ${LATER}: the folder of an earlier one. An operation is a start; \`readySeconds\` until it says that all is ready, \`pssMb\` the proportional memory of all its processes two seconds later, in MB. Empty page caches are not made.`,
  subjects: [
    { name: FIRST, start: () => startSubject({ keepData: false }) },
    { name: LATER, start: () => startSubject({ keepData: true }) },
  ],
  goals: [],
  limits: [
    { subject: FIRST, extra: 'pssMb', atMost: 1000 },
    { subject: LATER, extra: 'pssMb', atMost: 1000 },
  ],
  rounds: 5,
  warmUpRounds: 1,
};

async function startSubject({ keepData }: { readonly keepData: boolean }): Promise<RunningSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  const data = join(folder, 'data');
  const portOffset = await freePortOffset();
  return {
    round: async () => {
      const sample = await startOnce(data, portOffset);
      if (!keepData) await rm(data, { recursive: true });
      return sample;
    },
    close: () => rm(folder, { recursive: true }),
  };
}

async function startOnce(data: string, portOffset: number): Promise<Sample> {
  const startedMs = performance.now();
  const args = [GATEHOUSE, 'up', '--data', data, '--port-offset', `${portOffset}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await saysReady(child);
    const readySeconds = (performance.now() - startedMs) / 1000;
    await delay(SETTLE_MS);
    const { processes, pssMb, cpuSeconds } = useOfTree(child.pid ?? 0);
    return { operations: 1, cpuSeconds, extras: { readySeconds, pssMb, processes } };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function saysReady({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('the platform has no output');
  const lines: string[] = [];
  for await (const line of createInterface({ input: stdout })) {
    lines.push(line);
    if (!line.startsWith('all ready')) continue;
    // Its other lines are read too, or its pipe would fill.
    stdout.resume();
    return;
  }
  throw new Error(`the platform did not start:\n${lines.join('\n')}`);
}
