import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { POSTGRES, services, TRACES_PORT } from '@gatehouse/platform';

const ATTEMPTS = 50;
/** Of those within reach, the one that browsers and fetch refuse to call (Fetch, "bad ports"). */
const BLOCKED_PORT = 10_080;
/** Of no part: who has it, has the offset. */
const GUARD_PORT = 7399;

/**
 * A port offset at which a platform of two copies of each part finds every port free.
 *
 * Whole hundreds, so that platforms at different offsets rarely share a port; below the ports that
 * the system gives to outgoing connections. It is kept for this process until that ends, so that test
 * files at the same time get different ones.
 *
 * @throws Error when the machine has none.
 */
export async function freePortOffset(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const offset = randomInt(10, 240) * 100;
    if (PORTS.some((port) => port + offset === BLOCKED_PORT)) continue;
    const free = await Promise.all(PORTS.map((port) => isFree(port + offset)));
    if (free.every(Boolean) && (await keep(GUARD_PORT + offset))) return offset;
  }
  throw new Error('no port offset is free');
}

/** Listens until this process ends, without keeping it. @returns false when somebody else does. */
async function keep(port: number): Promise<boolean> {
  const guard = createServer().listen({ port, host: '127.0.0.1' });
  guard.unref();
  return once(guard, 'listening').then(
    () => true,
    () => false,
  );
}

const PORTS = [
  TRACES_PORT,
  ...[POSTGRES, ...services()].flatMap(({ ports, steps = {} }) => [
    ...Object.values(ports),
    ...Object.entries(steps).map(([listener, step]) => (ports[listener] ?? 0) + step),
  ]),
];

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen({ port, host: '127.0.0.1' });
  try {
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
