/** The platform that the tour goes through: the one that runs, or one that is started for it. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openAuthKey,
  PlatformError,
  POSTGRES,
  SERVICES,
  startPlatform,
  TRACES_PORT,
} from '@gatehouse/platform';
import type { Signer } from '@gatehouse/tokens';
import { hasOwnDatabase } from '../config.ts';

export interface TouredPlatform {
  /** Base URL of the gateway. */
  readonly edgeUrl: string;
  /** Base URL of the last traces. */
  readonly tracesUrl: string;
  /** Of the board's gRPC listener on the loopback. */
  readonly boardPort: number;
  /** Auth's own key, for tokens that are good but for one fault. */
  readonly authKey: Signer;
  /** Stops it, where it was started for the tour. */
  leave(): Promise<void>;
}

export interface Wanted {
  readonly dataDir: string;
  readonly portOffset: number;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

const PROBE_TIMEOUT_MS = 2_000;
const OFFSET_ATTEMPTS = 20;

/**
 * Finds the platform of a data folder, or starts one in a temporary folder on free ports.
 *
 * @throws PlatformError when one runs at these ports on another folder, or none can be started.
 */
export async function findOrStart(wanted: Wanted): Promise<TouredPlatform> {
  const { dataDir, portOffset, onLine, signal } = wanted;
  if (await answers(`http://127.0.0.1:${TRACES_PORT + portOffset}/traces`)) {
    return { ...(await at(dataDir, portOffset)), leave: async () => undefined };
  }
  if (hasOwnDatabase()) {
    throw new PlatformError(
      'DATABASE_URL is set, and the tour looks at what only the embedded default shows.',
      'Unset it for the tour: DATABASE_URL= gatehouse tour. Your own database is left alone.',
    );
  }
  onLine('No platform runs here. Starting one for the tour, on ports of its own.');
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tour-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 10 });
  try {
    const offset = await freeOffset();
    const platform = await startPlatform({ dataDir: folder, portOffset: offset, onLine, signal });
    return {
      ...(await at(platform.dataDir, offset)),
      leave: async () => {
        await platform.stop();
        await remove();
      },
    };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

async function at(dataDir: string, portOffset: number): Promise<Omit<TouredPlatform, 'leave'>> {
  const port = (name: string, listener: string) =>
    (SERVICES.find((part) => part.name === name)?.ports[listener] ?? 0) + portOffset;
  const authKey = await openAuthKey({ dataDir, portOffset }).catch((cause: unknown) => {
    throw new PlatformError(
      `A platform runs on these ports, but not on the data folder ${dataDir}.`,
      'Say where it was started: gatehouse tour --data DIR --port-offset N.',
      { cause },
    );
  });
  return {
    edgeUrl: `http://127.0.0.1:${port('gateway', 'http')}`,
    tracesUrl: `http://127.0.0.1:${TRACES_PORT + portOffset}`,
    boardPort: port('board', 'grpc'),
    authKey,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

// Below the ports that the system gives to outgoing connections.
async function freeOffset(): Promise<number> {
  const ports = [
    TRACES_PORT,
    ...[POSTGRES, ...SERVICES].flatMap((part) => Object.values(part.ports)),
  ];
  for (let attempt = 1; attempt <= OFFSET_ATTEMPTS; attempt += 1) {
    const offset = randomInt(10, 240) * 100;
    const free = await Promise.all(ports.map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
  throw new PlatformError(
    'No free ports were found for the tour.',
    'Start a platform yourself, with --port-offset, and give the tour the same.',
  );
}

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
