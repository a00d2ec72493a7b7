import type { Bench, RunningSubject, Sample } from './types.ts';

/** All samples of one subject, in order of rounds. */
export interface Measured {
  readonly name: string;
  readonly samples: readonly Sample[];
}

const DEFAULT_ROUNDS = 15;
const DEFAULT_WARM_UP_ROUNDS = 3;

/**
 * Measures all subjects of a bench in one run: all are started, then they take turns, so that whatever
 * else the machine does meets all alike. Each round begins with another subject.
 */
export async function measure(bench: Bench, core: number): Promise<readonly Measured[]> {
  const running: {
    readonly name: string;
    readonly subject: RunningSubject;
    readonly samples: Sample[];
  }[] = [];
  try {
    for (const { name, start } of bench.subjects) {
      running.push({ name, subject: await start(core), samples: [] });
    }
    const warmUpRounds = bench.warmUpRounds ?? DEFAULT_WARM_UP_ROUNDS;
    const rounds = warmUpRounds + (bench.rounds ?? DEFAULT_ROUNDS);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < running.length; turn++) {
        const entry = running[(turn + round) % running.length];
        const sample = await entry?.subject.round();
        if (round >= warmUpRounds && sample !== undefined) entry?.samples.push(sample);
      }
    }
    return running.map(({ name, samples }) => ({ name, samples }));
  } finally {
    await Promise.all(running.map(({ subject }) => subject.close()));
  }
}
