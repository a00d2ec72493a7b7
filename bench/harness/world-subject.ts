/** Subjects that share one running platform, and whose cost is that of its auth process. */
import type { RunningSubject, Sample, Subject } from './types.ts';

/** A platform that is up. */
interface SharedWorld {
  authCpuSeconds(): number;
  close(): Promise<void>;
}

/** Makes subjects of what is done in a world. @param open - gives the one that runs, or starts it. */
export function subjectsIn<World extends SharedWorld>(open: () => Promise<World>) {
  return (name: string, work: (world: World) => Promise<Omit<Sample, 'cpuSeconds'>>): Subject => ({
    name,
    start: async (): Promise<RunningSubject> => {
      const world = await open();
      return {
        round: async () => {
          const before = world.authCpuSeconds();
          const done = await work(world);
          return { ...done, cpuSeconds: world.authCpuSeconds() - before };
        },
        close: () => world.close(),
      };
    },
  });
}
