/** `npm run bench -- NAME`: measures one bench and writes its results. README.md says more. */
import { existsSync, readdirSync } from 'node:fs';
import { figuresOf } from './harness/figures.ts';
import { measure } from './harness/measure.ts';
import { CORES } from './harness/processes.ts';
import { machineNow, writeResults } from './harness/report.ts';
import type { Bench } from './harness/types.ts';

const FOLDER = new URL('./', import.meta.url);

const [name = ''] = process.argv.slice(2);
const path = new URL(`${name}/bench.ts`, FOLDER);
if (!/^[a-z-]+$/.test(name) || !existsSync(path)) {
  const names = readdirSync(FOLDER).filter((at) => existsSync(new URL(`${at}/bench.ts`, FOLDER)));
  console.error(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(1);
}
const { bench } = (await import(path.href)) as { bench: Bench };
const machine = machineNow();
const figures = figuresOf(bench, await measure(bench, CORES.subject));
console.log(writeResults(bench, figures, machine));
const isMet = [...figures.ratios, ...figures.limits].every(({ met }) => met);
process.exitCode = isMet ? 0 : 1;
