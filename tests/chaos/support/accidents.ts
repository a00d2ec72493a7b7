/** What happens to processes, and how one sees that they are over it. */
import { setTimeout as delay } from 'node:timers/promises';
import { target } from '../../e2e/support/config.ts';
import { pidOf } from '../../e2e/support/processes.ts';
import { until } from '../../e2e/support/until.ts';

const LOOK_MS = 20;
const RECOVERY = { timeoutMs: 60_000, everyMs: 100 };

/** Kills a part, and each successor that the supervisor starts, for a while. */
export async function keepDead(part: string, forMs: number): Promise<void> {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    signal(part, 'SIGKILL');
    await delay(LOOK_MS);
  }
}

/** Sends a signal to the process of a part, if there is one. */
export function signal(part: string, name: NodeJS.Signals): void {
  try {
    process.kill(pidOf(target().dataDir, part), name);
  } catch {
    // It is dead, or was written down as running a moment too long.
  }
}

/** Process ids by part, to tell whether one was restarted. */
export function pidsOf(parts: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(parts.map((part) => [part, pidOf(target().dataDir, part)]));
}

/** Waits until parts say that they can be given work. */
export async function allReady(parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    const { admin } = target().ports[part] ?? {};
    const isReady = async () => (await fetch(`http://127.0.0.1:${admin}/readyz`)).ok;
    await until(`${part} is ready`, isReady, RECOVERY);
  }
}

/** One metric of a part, its values summed. */
export async function metric(part: string, name: string): Promise<number> {
  const { admin } = target().ports[part] ?? {};
  const text = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
  const values = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)$`, 'gm'));
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
}
