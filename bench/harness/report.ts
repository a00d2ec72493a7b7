/** Writes what was measured: as data, and as a page. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release } from 'node:os';
import type { Figures, Spread } from './figures.ts';
import type { Bench } from './types.ts';

const RESULTS = new URL('../results/', import.meta.url);

/** The machine, as far as it matters to a figure. Asked before the run: the run is a load too. */
export function machineNow() {
  return {
    loadBefore: loadavg()[0] ?? 0,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    kernel: release(),
    node: process.version,
    openssl: process.versions.openssl,
  };
}

/** The page of a run that is over, without writing anything. */
export function pageNow(
  bench: Bench,
  figures: Figures,
  machine: ReturnType<typeof machineNow>,
): string {
  return pageOf(bench, figures, { date: new Date().toISOString().slice(0, 10), machine });
}

/** Writes results/NAME.json and results/NAME.md, and gives the page. */
export function writeResults(
  bench: Bench,
  figures: Figures,
  machine: ReturnType<typeof machineNow>,
): string {
  const about = { bench: bench.name, date: new Date().toISOString().slice(0, 10), machine };
  const page = pageOf(bench, figures, about);
  mkdirSync(RESULTS, { recursive: true });
  const data = { ...about, ...figures };
  writeFileSync(new URL(`${bench.name}.json`, RESULTS), `${JSON.stringify(data, null, 2)}\n`);
  writeFileSync(new URL(`${bench.name}.md`, RESULTS), page);
  return page;
}

/** The page of a bench, as Markdown. */
export function pageOf(
  bench: Bench,
  { subjects, ratios, limits }: Figures,
  { date, machine: on }: { readonly date: string; readonly machine: ReturnType<typeof machineNow> },
): string {
  const extras = [...new Set(subjects.flatMap((subject) => Object.keys(subject.extras)))];
  const columns = ['Subject', 'Operations per CPU-second', 'Spread', 'µs each', ...extras];
  return [
    `# ${bench.name}`,
    bench.about,
    `${date}; ${on.cpu}, ${on.cores} cores; Node ${on.node}, OpenSSL ${on.openssl}, Linux ${on.kernel}; load average ${on.loadBefore.toFixed(1)} before the run. Median of ${subjects[0]?.samples.length} rounds; spread from least to most. Made by \`npm run bench -- ${bench.name}\`; raw numbers in \`${bench.name}.json\`.`,
    table(
      columns,
      subjects.map(({ name, perCpuSecond, microsecondsEach, extras: more }) => [
        name,
        round(perCpuSecond.median),
        `${round(perCpuSecond.min)} – ${round(perCpuSecond.max)}`,
        round(microsecondsEach),
        ...extras.map((extra) => (more[extra] === undefined ? '' : shown(more[extra]))),
      ]),
    ),
    table(
      ['Ratio', 'Measured', 'Spread by round', 'Goal', ''],
      ratios.map(({ subject, baseline, ratio, atLeast, orPerCpuSecond, met }) => [
        `${subject} ÷ ${baseline}`,
        ratio.median.toFixed(2),
        `${ratio.min.toFixed(2)} – ${ratio.max.toFixed(2)}`,
        orPerCpuSecond === undefined
          ? `≥ ${atLeast}`
          : `≥ ${atLeast}, or ${round(orPerCpuSecond)} per CPU-second`,
        met ? 'met' : '**missed**',
      ]),
    ),
    table(
      ['Limit', 'Measured', 'Spread by round', 'Goal', ''],
      limits.map(({ subject, baseline, extra, value, atLeast, atMost, met }) => [
        `${extra} of ${subject}${baseline === undefined ? '' : ` ÷ ${baseline}`}`,
        shown(value),
        `${value.min.toFixed(2)} – ${value.max.toFixed(2)}`,
        [atLeast === undefined ? '' : `≥ ${atLeast}`, atMost === undefined ? '' : `≤ ${atMost}`]
          .join(' ')
          .trim(),
        met ? 'met' : '**missed**',
      ]),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [columns, columns.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function round(value: number): string {
  return value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en');
}

function shown({ median }: Spread): string {
  return median < 100 ? median.toFixed(2) : round(median);
}
