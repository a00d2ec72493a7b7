import { availableParallelism } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { CHECKS, type Check } from './checks.ts';
import type { Verdict } from './command.ts';

interface Outcome {
  readonly check: Check;
  readonly verdict: Verdict;
}

/**
 * Runs the checks whose names hold one of the words given, or all.
 *
 * @param words - `npm run check -- house licences`
 * @returns the exit code: 0 when every check passed.
 */
export async function runChecks(words: readonly string[]): Promise<number> {
  const wanted = CHECKS.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (wanted.length === 0) {
    console.error(
      `There is no such check. There are: ${CHECKS.map(({ name }) => name).join(', ')}`,
    );
    return 1;
  }
  const outcomes = await runAll(wanted);
  const failed = outcomes.filter(({ verdict }) => !verdict.ok);
  for (const { check, verdict } of failed) {
    // Some tools colour what they say wherever they see a CI.
    const output = stripVTControlCharacters(verdict.output).trim();
    console.log(`\n--- ${check.name}\n${output}`);
  }
  console.log(`\n${outcomes.length - failed.length} of ${outcomes.length} checks passed`);
  return failed.length === 0 ? 0 : 1;
}

async function runAll(checks: readonly Check[]): Promise<Outcome[]> {
  const queue = [...checks];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      outcomes.push(await runOne(check));
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));
  return outcomes;
}

async function runOne(check: Check): Promise<Outcome> {
  const startedMs = performance.now();
  // A check that breaks has not passed.
  const verdict = await check.run().catch((error: unknown): Verdict => {
    return { ok: false, output: error instanceof Error ? (error.stack ?? '') : String(error) };
  });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
  const note = verdict.note === undefined ? '' : `  ${verdict.note}`;
  console.log(`${verdict.ok ? 'ok  ' : 'FAIL'} ${check.name.padEnd(18)}${seconds} s${note}`);
  return { check, verdict };
}
