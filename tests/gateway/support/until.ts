import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 10;
const TIMEOUT_MS = 10_000;

/** Waits until something is so. @throws Error naming it, when it is not so in ten seconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + TIMEOUT_MS;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`not in time: ${what}`);
    await delay(LOOK_MS);
  }
}
