/** Copies of the hashing service that are killed and come back, each at its own port. */
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './gateway.ts';
import { ROOT, type Started, startNode } from './process.ts';

/** A death, on the clock of `performance.now()`. */
export interface Death {
  readonly pid: string;
  readonly atMs: number;
  /** When another one was there. */
  backMs?: number;
}

export interface Fleet {
  readonly addresses: readonly string[];
  readonly deaths: readonly Death[];
  /** Kills the next replica without a warning, and restarts it at the same port a little later. */
  killNext(awayMs: number): Promise<void>;
  stop(): Promise<void>;
}

const SCRIPT = `${ROOT}/tests/gateway/support/hash-upstream.ts`;

/** @param copies - of the service. */
export async function startFleet(copies: number): Promise<Fleet> {
  const ports = await Promise.all(Array.from({ length: copies }, freePort));
  const start = (port: number) => startNode([SCRIPT, `${port}`]);
  const running: Started[] = await Promise.all(ports.map(start));
  const deaths: Death[] = [];
  let turn = 0;
  return {
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    deaths,
    killNext: async (awayMs) => {
      const index = turn++ % copies;
      const victim = running[index] as Started;
      const death: Death = { pid: String(victim.child.pid), atMs: performance.now() };
      deaths.push(death);
      await victim.stop('SIGKILL');
      await delay(awayMs);
      running[index] = await start(ports[index] as number);
      death.backMs = performance.now();
    },
    stop: async () => {
      await Promise.all(running.map((copy) => copy.stop()));
    },
  };
}
