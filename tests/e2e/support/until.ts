import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often to ask. */
export interface UntilOptions {
  /** Default 10 000. */
  readonly timeoutMs?: number;
  /** Default 50. */
  readonly everyMs?: number;
}

/**
 * Asks again until the answer is there.
 *
 * @param what - named in the error: `'gateway 2 refuses the token'`.
 * @param ask - `undefined` or `false`: not yet. A throw counts as not yet.
 * @throws Error after `timeoutMs`, with the last throw as cause.
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 10_000, everyMs = 50 }: UntilOptions = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (thrown) {
      cause = thrown;
    }
    if (performance.now() >= end) throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause });
    await delay(everyMs);
  }
}
