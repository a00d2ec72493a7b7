import { startWork } from '../harness/processes.ts';
import type { Bench, RunningSubject } from '../harness/types.ts';
import { subjectsIn } from '../harness/world-subject.ts';
import { AT_ONCE } from './concurrency.ts';
import { logInsFor, probesFor } from './load.ts';
import { openWorld } from './world.ts';

const ROUND_MS = 4000;
const PROBES_PER_SECOND = 50;
const ARGON2 = 'argon2id alone';
const LOG_INS = 'log-ins';
const ALONE = 'other requests, alone';
const BESIDE = 'other requests, beside log-ins';

const subject = subjectsIn(openWorld);

export const bench: Bench = {
  name: 'login',
  about: `Log-ins through the whole platform (gateway, auth, Postgres), on all cores. **${LOG_INS}**: as many as auth takes, ${AT_ONCE * 4} waiting at any time; auth hashes ${AT_ONCE} at once. **${ARGON2}**: the same hash, ${AT_ONCE} at once, in a process that does nothing else. What auth does beside the hash runs on another core meanwhile, so that the goal is one of \`perSecond\`, by the clock on the wall. **Other requests**: \`GET /auth/v1/sessions\`, which auth answers from its database, ${PROBES_PER_SECOND} a second whether or not the last one was answered; with and without log-ins beside them. CPU is that of the auth process.`,
  subjects: [
    { name: ARGON2, start: startArgon2 },
    subject(LOG_INS, async (world) => logInsFor(world, ROUND_MS)),
    subject(ALONE, (world) => probesFor(world, ROUND_MS, PROBES_PER_SECOND)),
    subject(BESIDE, async (world) => {
      const [, probes] = await Promise.all([
        logInsFor(world, ROUND_MS),
        probesFor(world, ROUND_MS, PROBES_PER_SECOND),
      ]);
      return probes;
    }),
  ],
  goals: [],
  limits: [
    { subject: LOG_INS, extra: 'perSecond', baseline: ARGON2, atLeast: 0.9 },
    { subject: BESIDE, extra: 'p99Ms', baseline: ALONE, atMost: 2 },
  ],
  rounds: 8,
  warmUpRounds: 1,
};

async function startArgon2(core: number): Promise<RunningSubject> {
  const module = new URL('works.ts', import.meta.url);
  const { round, close } = await startWork(core, { module, name: ARGON2 });
  return {
    round: async () => {
      const startedMs = performance.now();
      const sample = await round();
      const perSecond = (sample.operations / (performance.now() - startedMs)) * 1000;
      return { ...sample, extras: { perSecond } };
    },
    close,
  };
}
