/** Log-ins as fast as auth takes them, and other requests at a steady pace. */
import { setTimeout as delay } from 'node:timers/promises';
import { get, post } from '../harness/edge.ts';
import type { Sample } from '../harness/types.ts';
import { AT_ONCE } from './concurrency.ts';
import type { World } from './world.ts';

type Done = Omit<Sample, 'cpuSeconds'>;

/** A closed loop: some log-ins are always waiting, so that auth never has to wait for one. */
export async function logInsFor(world: World, durationMs: number): Promise<Done> {
  const startedMs = performance.now();
  let count = 0;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - startedMs < durationMs) {
      next += 1;
      await post(`${world.edge}/auth/v1/login`, world.people[next % world.people.length] ?? {});
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE * 4 }, worker));
  const elapsedMs = performance.now() - startedMs;
  return { operations: count, extras: { perSecond: (count / elapsedMs) * 1000 } };
}

/** An open loop: a slow answer delays no later request, and is counted from when it was due. */
export async function probesFor(
  world: World,
  durationMs: number,
  perSecond: number,
): Promise<Done> {
  const startedMs = performance.now();
  const total = Math.round((durationMs / 1000) * perSecond);
  const probes = Array.from({ length: total }, async (_, index) => {
    const dueMs = startedMs + (index / perSecond) * 1000;
    await delay(Math.max(0, dueMs - performance.now()));
    await get(`${world.edge}/auth/v1/sessions`, world.token);
    return performance.now() - dueMs;
  });
  const tookMs = (await Promise.all(probes)).toSorted((a, b) => a - b);
  const at = (share: number) => tookMs[Math.ceil(total * share) - 1] ?? 0;
  return { operations: total, extras: { p50Ms: at(0.5), p99Ms: at(0.99) } };
}
