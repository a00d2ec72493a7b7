/** `npm run bench -- NAME`: measures one bench and writes its results. README.md says more. */
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { figuresOf } from './harness/figures.ts';
import { measure } from './harness/measure.ts';
import { CORES } from './harness/processes.ts';
import { machineNow, pageNow, writeResults } from './harness/report.ts';
import type { Bench, BenchOptions } from './harness/types.ts';

const FOLDER = new URL('./', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    beside: { type: 'string' },
  },
});
const [name = ''] = positionals;
const path = new URL(`${name}/bench.ts`, FOLDER);
if (!/^[a-z-]+$/.test(name) || !existsSync(path)) {
  const names = readdirSync(FOLDER).filter((at) => existsSync(new URL(`${at}/bench.ts`, FOLDER)));
  console.error(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(1);
}
const { bench: made } = (await import(path.href)) as {
  bench: Bench | ((options: BenchOptions) => Bench);
};
const { rounds, seconds, beside } = values;
if (typeof made !== 'function' && (seconds ?? beside) !== undefined) {
  console.error(`${name} takes --rounds, and neither --seconds nor --beside`);
  process.exit(1);
}
const wanted =
  typeof made !== 'function'
    ? made
    : made({
        ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
        ...(beside === undefined ? {} : { beside }),
      });
const bench: Bench =
  rounds === undefined ? wanted : { ...wanted, rounds: Number(rounds), warmUpRounds: 0 };
const machine = machineNow();
const figures = figuresOf(bench, await measure(bench, CORES.subject));
// A shortened run shows that all of it works; what is published is the whole one.
const isWhole = rounds === undefined && seconds === undefined;
console.log((isWhole ? writeResults : pageNow)(bench, figures, machine));
const isMet = [...figures.ratios, ...figures.limits].every(({ met }) => met);
process.exitCode = isMet ? 0 : 1;
