const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How long to wait before the next attempt: doubling from 200 ms to 5 s, of which the later half is
 * random, so that all that lost the same server do not come back at once.
 *
 * @param failures - in a row, 1 or more.
 */
export function backOffMs(failures: number): number {
  const fullMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16), LONGEST_PAUSE_MS);
  return (fullMs / 2) * (1 + Math.random());
}
