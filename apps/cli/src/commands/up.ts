import { resolve } from 'node:path';
import { services, startPlatform } from '@gatehouse/platform';
import type { BackgroundOptions } from '../background/messages.ts';
import { startInBackground, type Watcher } from '../background/start.ts';
import { welcome } from '../screen.ts';
import { stopSignals } from '../signals.ts';
import { nearest, parseFlags, UsageError, wholeNumber } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

const MAX_OFFSET = 50_000;
const MAX_COPIES = 10;

export const up: Command = {
  name: 'up',
  summary: 'starts the whole platform; Ctrl-C stops it',
  flags: [
    DATA_HELP,
    ['--port-offset N', 'moves every port by N (default 0)'],
    ['--copies PART=N', 'runs N copies of a part; may be repeated'],
    ['--gateway-file FILE', 'routes to services of your own: gateway.yaml, without its issuers'],
    ['--detach', 'runs it in the background; "gatehouse down" stops it'],
  ],
  run: async (args) => {
    const flags = parseFlags('up', args, {
      data: DATA_FLAG,
      'port-offset': { type: 'string', default: '0' },
      copies: { type: 'string', multiple: true, default: [] },
      'gateway-file': { type: 'string' },
      detach: { type: 'boolean', default: false },
    });
    const portOffset = wholeNumber('port-offset', flags['port-offset'], {
      min: 0,
      max: MAX_OFFSET,
    });
    const copies = Object.fromEntries(flags.copies.map(copiesOf));
    const file = flags['gateway-file'];
    // Absolute, since the gateway runs in another folder.
    const env = file === undefined ? {} : { GATEHOUSE_GATEWAY_FILE: resolve(file) };
    const options = { dataDir: flags.data, portOffset, copies, env };
    return flags.detach ? runInBackground(options) : runHere(options);
  },
};

type UpOptions = Required<BackgroundOptions>;

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

async function runInBackground(options: UpOptions): Promise<number> {
  // Absolute, since it also shows in the list of processes.
  const dataDir = resolve(options.dataDir);
  const { stop } = stopSignals();
  const up = await timed(stop, (watcher) => startInBackground({ ...options, dataDir }, watcher));
  if (up === undefined) return 1;
  console.log(welcome(up, 'It runs in the background: gatehouse status, logs, down.'));
  return 0;
}

/** `undefined`: it was asked to stop before it was up. */
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

function copiesOf(text: string): readonly [string, number] {
  const [, part, count] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
  if (part === undefined || count === undefined) {
    throw new UsageError(`--copies takes PART=N, such as gateway=2, not "${text}".`);
  }
  const parts = services().map(({ name }) => name);
  if (!parts.includes(part)) {
    const meant = nearest(part, parts);
    const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
    throw new UsageError(`No part "${part}" can have copies.${hint} Parts: ${parts.join(', ')}.`);
  }
  return [part, wholeNumber(`copies ${part}=`, count, { min: 1, max: MAX_COPIES })];
}
