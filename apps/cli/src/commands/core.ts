import { openCoreDoor } from '@gatehouse/platform';
import { DOOR_FLAGS, throughDoor } from '../operator/door.ts';
import { type ProgressLine, showProgress } from '../operator/progress.ts';
import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_HELP } from './data-folder.ts';

const UPDATE = 'update-assets';
const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** As long as the batch may take. */
const TIMEOUT_MS = 24 * 3_600_000;

export const core: Command = {
  name: 'core',
  summary: 'gives every asset its value of a day: gatehouse core update-assets',
  flags: [
    ['update-assets', 'each asset once for each day; a repeat goes on with what is left'],
    ['--date YYYY-MM-DD', 'the day, not one to come; default today in Asia/Seoul'],
    ['--json', 'the summary as JSON, and no progress'],
    DATA_HELP,
    ['--core HOST:PORT', 'a core elsewhere; with --tls-dir'],
    ['--tls-dir DIR', 'key.pem, chain.pem, bundle.pem of spiffe://<trust domain>/operator'],
  ],
  run: async (args) => {
    const { flags, words } = parseWords('core', args, {
      words: [UPDATE],
      options: {
        data: DOOR_FLAGS.data,
        'tls-dir': DOOR_FLAGS['tls-dir'],
        core: { type: 'string' },
        date: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    assertKnown(words[0] ?? '');
    const { date = '', json } = flags;
    if (date !== '' && !DAY.test(date)) {
      throw new UsageError(`--date takes a day such as 2026-11-26, not "${date}".`);
    }
    const place = { data: flags.data, at: flags.core, 'tls-dir': flags['tls-dir'] };
    const last = await throughDoor({ part: 'core', open: openCoreDoor }, place, (client) =>
      showProgress(lines(client.updateAssets({ date }, { timeoutMs: TIMEOUT_MS })), json),
    );
    return last?.isDone === true ? 0 : 1;
  },
};

function assertKnown(word: string): void {
  if (word === UPDATE) return;
  const meant = nearest(word, [UPDATE]);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(
    `"core" knows no "${word}".${hint} Write: gatehouse core update-assets [--date YYYY-MM-DD].`,
  );
}

interface Said {
  readonly date: string;
  readonly state: number;
  readonly total: bigint;
  readonly updated: bigint;
  readonly failed: bigint;
  readonly elapsedMs: bigint;
}

// gatehouse.core.v1.UpdateAssetsProgress.State
const [RUNNING, DONE] = [1, 2];

async function* lines(said: AsyncIterable<Said>): AsyncGenerator<ProgressLine> {
  for await (const { date, state, total, updated, failed, elapsedMs } of said) {
    yield {
      date,
      isRunning: state === RUNNING,
      isDone: state === DONE,
      total: Number(total),
      updated: Number(updated),
      failed: Number(failed),
      elapsedMs: Number(elapsedMs),
    };
  }
}
