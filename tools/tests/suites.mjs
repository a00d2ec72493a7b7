// Which tests there are, and what may run beside what. A suite is a set of files in stages, one stage
// after another; its files share a world, if it names one, and nothing else.
import { availableParallelism } from 'node:os';

const CORES = availableParallelism();

/** Tests that need no platform: each file in its own process, with databases of its own. */
const unit = {
  name: 'unit',
  world: 'tests/unit/global-setup.ts',
  stages: [
    {
      folders: [
        ...['packages', 'services', 'platform', 'apps', 'tools', 'bench'],
        ...['tests/vectors', 'tests/docs', 'tests/conformance'],
      ],
      atOnce: CORES,
      timeoutMs: 120_000,
    },
  ],
};

/** Over one running platform. What ends parts or keys of it runs by itself; what looks back, last. */
const endToEnd = {
  name: 'end to end',
  world: 'tests/e2e/global-setup.ts',
  stages: [
    { folders: ['tests/e2e'], except: ['alone', 'last'], atOnce: CORES, timeoutMs: 300_000 },
    { folders: ['tests/e2e/alone'], atOnce: 1, timeoutMs: 300_000 },
    { folders: ['tests/e2e/last'], atOnce: 1, timeoutMs: 300_000 },
  ],
};

/** One file after another: they measure memory and time. */
const gateway = {
  name: 'gateway',
  stages: [{ folders: ['tests/gateway'], atOnce: 1, timeoutMs: 600_000 }],
};

/** One file after another: each hurts the platform that they share. */
const chaos = {
  name: 'chaos',
  world: 'tests/chaos/global-setup.ts',
  stages: [{ folders: ['tests/chaos'], atOnce: 1, timeoutMs: 600_000 }],
};

/**
 * Lanes run side by side, the suites of a lane one after another. The first one measures time and mostly
 * waits; the second computes, and is nicer, so that the first is scheduled as if it were by itself.
 */
export const LANES = [
  { niceness: 0, suites: [chaos, gateway] },
  { niceness: 10, suites: [unit, endToEnd] },
];
