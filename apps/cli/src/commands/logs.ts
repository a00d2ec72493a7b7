import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '@gatehouse/platform';
import { createFollower } from '../logs/follow.ts';
import { readable } from '../logs/readable.ts';
import { stopSignals } from '../signals.ts';
import { nearest, parseWords, UsageError, wholeNumber } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

const MAX_LINES = 100_000;

export const logs: Command = {
  name: 'logs',
  summary: 'what the parts said: gatehouse logs [PART]',
  flags: [
    DATA_HELP,
    ['--follow', 'goes on with what they say, until Ctrl-C'],
    ['--lines N', 'how many of the last lines of each (default 20)'],
  ],
  run: async (args) => {
    const { flags, words } = parseWords('logs', args, {
      words: ['[PART]'],
      options: {
        data: DATA_FLAG,
        follow: { type: 'boolean', default: false },
        lines: { type: 'string', default: '20' },
      },
    });
    const lines = wholeNumber('lines', flags.lines, { min: 0, max: MAX_LINES });
    const folder = join(flags.data, 'logs');
    const there = await logsIn(folder);
    const wanted = words[0] === undefined ? there : [known(words[0], there)];
    const width = Math.max(...wanted.map((name) => name.length));
    const followers = wanted.map((name) =>
      createFollower(join(folder, `${name}.log`), (line) =>
        console.log(`${name.padEnd(width)}  ${readable(line)}`),
      ),
    );
    for (const follower of followers) await follower.tail(lines);
    if (!flags.follow) return 0;
    const { stop } = stopSignals();
    await Promise.all(followers.map((follower) => follower.follow(stop)));
    return 0;
  },
};

async function logsIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.log')).map((file) => file.slice(0, -4));
  if (names.length > 0) return names.toSorted();
  throw new PlatformError(
    `There are no logs in ${folder}.`,
    'Start the platform with "gatehouse up", or say where its data is: --data DIR.',
  );
}

function known(name: string, there: readonly string[]): string {
  if (there.includes(name)) return name;
  const meant = nearest(name, there);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`No part "${name}" has a log.${hint} There are: ${there.join(', ')}.`);
}
