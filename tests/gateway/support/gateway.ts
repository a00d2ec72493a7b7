/** The real gateway as a process of its own, with a file of its own, and nothing else of ours. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startNode } from './process.ts';

/** A gateway.yaml as data; JSON is YAML too. */
export type GatewayFile = Readonly<Record<string, unknown>>;

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  readonly adminPort: number;
  readonly pid: number;
  /** Each line of its log so far. */
  log(): readonly string[];
  /** Puts another file in the place of its own, by rename, as editors and deployments do. */
  rewrite(file: GatewayFile): Promise<void>;
  /** The value of a metric, its series summed. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

const READY_MS = 20_000;
const LOOK_MS = 25;
const NO_LIMIT = { per_second: 1_000_000, burst: 1_000_000 };

/**
 * @param make - gives the file; it is told the ports.
 * @throws Error when it is not ready in twenty seconds.
 */
export async function startGateway(
  file: GatewayFile,
  env: NodeJS.ProcessEnv = {},
): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-gateway-'));
  const path = join(folder, 'gateway.yaml');
  const [port, adminPort] = [await freePort(), await freePort()];
  const whole = (given: GatewayFile) => ({
    ...given,
    listen: {
      port,
      admin_port: adminPort,
      limit: NO_LIMIT,
      max_connections_per_address: 10_000,
      ...(given.listen as object | undefined),
    },
  });
  const write = async (given: GatewayFile): Promise<void> => {
    await writeFile(`${path}.new`, JSON.stringify(whole(given), undefined, 2));
    await rename(`${path}.new`, path);
  };
  await write(file);
  const started = await startNode(['apps/cli/bin/gatehouse.js', 'gateway', '--config', path], {
    GATEHOUSE_LOG_LEVEL: 'info',
    ...env,
  });
  await ready(adminPort);
  return {
    port,
    adminPort,
    pid: started.child.pid ?? 0,
    log: started.lines,
    rewrite: write,
    metric: (name) => metric(adminPort, name),
    stop: async () => {
      await started.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function ready(adminPort: number): Promise<void> {
  const endMs = performance.now() + READY_MS;
  while (performance.now() < endMs) {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(LOOK_MS);
  }
  throw new Error('the gateway is not ready in time');
}

async function metric(adminPort: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const values = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)$`, 'gm'));
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
