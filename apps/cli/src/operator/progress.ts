/** The progress of a batch: a live line on a terminal, some lines elsewhere, and a summary. */

export interface ProgressLine {
  /** The day of the batch. */
  readonly date: string;
  readonly isRunning: boolean;
  /** Nothing is left. */
  readonly isDone: boolean;
  readonly total: number;
  readonly updated: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** Assets that cannot have a value of the day. */
  readonly setAside: number;
  readonly elapsedMs: number;
}

const BAR = 24;
const LINE_EVERY_MS = 5_000;

/**
 * Shows progress as it comes, and a summary at the end.
 *
 * @param asJson - only the last line, as JSON.
 * @returns the last line.
 */
export async function showProgress(
  lines: AsyncIterable<ProgressLine>,
  asJson: boolean,
): Promise<ProgressLine | undefined> {
  let last: ProgressLine | undefined;
  let shownMs = Number.NEGATIVE_INFINITY;
  for await (const line of lines) {
    last = line;
    if (asJson || !line.isRunning) continue;
    if (process.stdout.isTTY) process.stdout.write(`\r\u001B[2K${moving(line)}`);
    else if (performance.now() - shownMs >= LINE_EVERY_MS) {
      shownMs = performance.now();
      console.log(moving(line));
    }
  }
  if (last === undefined) return undefined;
  if (asJson) console.log(jsonOf(last));
  else console.log(`${process.stdout.isTTY ? '\r\u001B[2K' : ''}${summary(last)}`);
  return last;
}

/** `2026-11-26  ████░░░░  1,234 of 10,000 (12 %)` */
export function moving(line: ProgressLine): string {
  const { date, total, updated, failed } = line;
  const share = total === 0 ? 0 : updated / total;
  const full = Math.round(share * BAR);
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
  const failures = failed === 0 ? '' : `, ${count(failed)} attempts failed`;
  return `${date}  ${bar}  ${count(updated)} of ${count(total)} (${Math.floor(share * 100)} %)${failures}`;
}

/** The result, and what to do when something is left. */
export function summary(line: ProgressLine): string {
  const { date, total, updated, failed, elapsedMs, isDone } = line;
  const took = `${(elapsedMs / 1_000).toFixed(1)} s`;
  const failures = failed === 0 ? '' : ` ${count(failed)} attempts failed.`;
  if (isDone && line.setAside > 0) {
    return [
      `${date}: ${count(updated)} of ${count(total)} assets have their value of the day (${took}).${failures}`,
      `${count(line.setAside)} cannot have one: "gatehouse logs core" names each with its reason.`,
    ].join('\n');
  }
  if (isDone) {
    return total === 0
      ? `${date}: no asset is due for a value of this day.`
      : `${date}: all ${count(total)} assets have their value of the day (${took}).${failures}`;
  }
  return [
    `${date}: ${count(updated)} of ${count(total)} assets have their value of the day (${took}).${failures}`,
    '"gatehouse logs core" says why. The same command continues with what is left.',
  ].join('\n');
}

function jsonOf({ isRunning: _, isDone: done, ...rest }: ProgressLine): string {
  return JSON.stringify({ ...rest, done });
}

function count(value: number): string {
  return value.toLocaleString('en');
}
