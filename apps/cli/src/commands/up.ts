import { resolve } from 'node:path';
import { services, startPlatform } from '@gatehouse/platform';
import type { DetachedOptions } from '../detached/messages.ts';
import { startDetached, type Watcher } from '../detached/start.ts';
import { stopSignals } from '../terminal/signals.ts';
import { didYouMean, UsageError } from '../usage.ts';
import { welcome } from '../welcome.ts';
import type { DataFlags, PortOffsetFlags } from './flags.ts';

const MAX_REPLICAS = 10;

export interface UpFlags extends DataFlags, PortOffsetFlags {
  readonly replicas: readonly string[];
  /** The old name of `replicas`. */
  readonly copies: readonly string[];
  readonly gatewayFile?: string;
  readonly detach: boolean;
}

export async function up(flags: UpFlags): Promise<number> {
  const { data, portOffset, gatewayFile, detach } = flags;
  const replicas = Object.fromEntries([...flags.copies, ...flags.replicas].map(replicasOf));
  // Absolute, since the gateway runs in another folder.
  const env: Record<string, string> =
    gatewayFile === undefined ? {} : { GATEHOUSE_GATEWAY_FILE: resolve(gatewayFile) };
  const options = { dataDir: data, portOffset, replicas, env };
  return detach ? runDetached(options) : runHere(options);
}

type UpOptions = Required<DetachedOptions>;

async function runHere(options: UpOptions): Promise<number> {
  const signals = stopSignals();
  const platform = await timed(signals.stop, (watcher) =>
    startPlatform({ ...options, onLine: watcher.onLine, signal: watcher.stop }),
  );
  if (platform === undefined) return 0;
  console.log(welcome(platform, 'Ctrl-C stops everything.'));
  await signals.stopped;
  console.log('\nstopping');
  await platform.stop();
  return 0;
}

async function runDetached(options: UpOptions): Promise<number> {
  // Absolute, since it also shows in the list of processes.
  const dataDir = resolve(options.dataDir);
  const { stop } = stopSignals();
  const up = await timed(stop, (watcher) => startDetached({ ...options, dataDir }, watcher));
  if (up === undefined) return 1;
  console.log(welcome(up, 'It runs in the background: gatehouse status, logs, down.'));
  return 0;
}

/** @returns undefined when it was asked to stop before it was up. */
async function timed<Up>(
  stop: AbortSignal,
  start: (watcher: Watcher) => Promise<Up | undefined>,
): Promise<Up | undefined> {
  const startedMs = performance.now();
  try {
    const up = await start({ onLine: (line) => console.log(line), stop });
    if (up === undefined) return undefined;
    console.log(`all ready in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
    return up;
  } catch (thrown) {
    if (stop.aborted) return undefined;
    throw thrown;
  }
}

function replicasOf(text: string): readonly [string, number] {
  const [, part, count] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
  if (part === undefined || count === undefined) {
    throw new UsageError(`--replicas takes PART=N, such as gateway=2, not "${text}".`);
  }
  const parts = services().map(({ name }) => name);
  if (!parts.includes(part)) {
    throw new UsageError(
      `No part "${part}" can have replicas.${didYouMean(part, parts)} Parts: ${parts.join(', ')}.`,
    );
  }
  const number = /^\d{1,2}$/.test(count) ? Number(count) : 0;
  if (number >= 1 && number <= MAX_REPLICAS) return [part, number];
  throw new UsageError(
    `--replicas ${part}= takes a whole number from 1 to ${MAX_REPLICAS}, not "${count}".`,
  );
}
