import { type Platform, startPlatform } from '@gatehouse/platform';
import { welcome } from '../screen.ts';
import { stopSignals } from '../signals.ts';
import { parseFlags, UsageError, wholeNumber } from '../usage.ts';
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
  ],
  run: async (args) => {
    const flags = parseFlags('up', args, {
      data: DATA_FLAG,
      'port-offset': { type: 'string', default: '0' },
      copies: { type: 'string', multiple: true, default: [] },
    });
    const portOffset = wholeNumber('port-offset', flags['port-offset'], {
      min: 0,
      max: MAX_OFFSET,
    });
    const copies = Object.fromEntries(flags.copies.map(copiesOf));
    const signals = stopSignals();
    const platform = await started({ dataDir: flags.data, portOffset, copies }, signals.stop);
    if (platform === undefined) return 0;
    console.log(welcome(platform));
    await signals.stopped;
    console.log('\nstopping');
    await platform.stop();
    return 0;
  },
};

/** `undefined`: it was asked to stop before it was up. */
async function started(
  options: { dataDir: string; portOffset: number; copies: Record<string, number> },
  stop: AbortSignal,
): Promise<Platform | undefined> {
  const startedMs = Date.now();
  try {
    const onLine = (line: string) => console.log(line);
    const platform = await startPlatform({ ...options, onLine, signal: stop });
    console.log(`all ready in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    return platform;
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
  return [part, wholeNumber(`copies ${part}=`, count, { min: 1, max: MAX_COPIES })];
}
