/** The platform of the tour: the one that runs, or one that is started for it. */
import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openAuthKey,
  type Platform,
  PlatformError,
  type PlatformReport,
  POSTGRES,
  reportOn,
  services,
  startPlatform,
  TRACES_PORT,
  takenPorts,
} from '@gatehouse/platform';
import type { Signer } from '@gatehouse/tokens';
import { hasOwnDatabase } from '../config.ts';

export interface TouredPlatform {
  /** Base URL of the gateway. */
  readonly edgeUrl: string;
  /** Base URL of the trace collector. */
  readonly tracesUrl: string;
  /** Of the board's gRPC listener on the loopback. */
  readonly boardPort: number;
  /** Auth's own key, for tokens with one fault. */
  readonly authKey: Signer;
  /** Stops it, where it was started for the tour. */
  release(): Promise<void>;
}

export interface Wanted {
  readonly dataDir: string;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

const OFFSET_ATTEMPTS = 20;

/**
 * Finds the platform of a data folder, or starts one in a temporary folder on free ports.
 *
 * @throws PlatformError when one runs without the embedded Postgres, or none can be started.
 */
export async function findOrStart(wanted: Wanted): Promise<TouredPlatform> {
  const { dataDir, onLine, signal } = wanted;
  const report = await reportOn(dataDir);
  if (report !== undefined) return existing(report);
  if (hasOwnDatabase()) throw notEmbedded();
  onLine('No platform runs here. Starting one for the tour, on ports of its own.');
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tour-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 10 });
  try {
    const portOffset = await freeOffset();
    const platform = await startPlatform({ dataDir: folder, portOffset, onLine, signal });
    return {
      ...(await describe({ ...platform, portOffset })),
      release: async () => {
        await platform.stop();
        await remove();
      },
    };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

async function existing(report: PlatformReport): Promise<TouredPlatform> {
  const { dataDir, portOffset, up, parts } = report;
  if (!up) {
    throw new PlatformError(
      `The platform on ${dataDir} is still starting.`,
      'Try again when it is up: "gatehouse status" shows its state.',
    );
  }
  const ports = Object.fromEntries(parts.map((part) => [part.name, part.ports]));
  if (ports.postgres === undefined) throw notEmbedded();
  return { ...(await describe({ dataDir, portOffset, ports })), release: async () => undefined };
}

async function describe(running: {
  readonly dataDir: string;
  readonly portOffset: number;
  readonly ports: Platform['ports'];
}): Promise<Omit<TouredPlatform, 'release'>> {
  const { dataDir, portOffset, ports } = running;
  return {
    edgeUrl: `http://127.0.0.1:${ports.gateway?.http}`,
    tracesUrl: `http://127.0.0.1:${TRACES_PORT + portOffset}`,
    boardPort: ports.board?.grpc ?? 0,
    authKey: await openAuthKey({ dataDir, portOffset }),
  };
}

function notEmbedded(): PlatformError {
  return new PlatformError(
    'The tour needs the embedded Postgres, and DATABASE_URL is set.',
    'Unset it for the tour, which then starts a platform of its own. Your database stays untouched.',
  );
}

// Below the ephemeral ports.
async function freeOffset(): Promise<number> {
  const ports = [
    TRACES_PORT,
    ...[POSTGRES, ...services()].flatMap((part) => Object.values(part.ports)),
  ];
  for (let attempt = 1; attempt <= OFFSET_ATTEMPTS; attempt += 1) {
    const offset = randomInt(10, 240) * 100;
    const uses = ports.map((port) => ({ port: port + offset, neededBy: 'tour' }));
    if ((await takenPorts(uses)).length === 0) return offset;
  }
  throw new PlatformError(
    'No free ports were found for the tour.',
    'Start a platform yourself, with --port-offset, and give the tour the same.',
  );
}
