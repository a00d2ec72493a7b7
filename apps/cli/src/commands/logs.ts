import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformError } from '@gatehouse/platform';
import { createFollower } from '../logs/follow.ts';
import { readable } from '../logs/readable.ts';
import { stopSignals } from '../terminal/signals.ts';
import { didYouMean, UsageError } from '../usage.ts';
import type { DataFlags } from './flags.ts';

export async function logs(
  part: string | undefined,
  flags: DataFlags & { readonly follow: boolean; readonly lines: number },
): Promise<void> {
  const folder = join(flags.data, 'logs');
  const there = await logsIn(folder);
  const wanted = part === undefined ? there : [known(part, there)];
  const width = Math.max(...wanted.map((name) => name.length));
  const followers = wanted.map((name) =>
    createFollower(join(folder, `${name}.log`), (line) =>
      console.log(`${name.padEnd(width)}  ${readable(line)}`),
    ),
  );
  for (const follower of followers) await follower.tail(flags.lines);
  if (!flags.follow) return;
  const { stop } = stopSignals();
  await Promise.all(followers.map((follower) => follower.follow(stop)));
}

async function logsIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  const names = files.filter((file) => file.endsWith('.log')).map((file) => file.slice(0, -4));
  if (names.length > 0) return names.toSorted();
  throw new PlatformError(
    `There are no logs in ${folder}.`,
    'Start the platform with "gatehouse up", or name its data folder: --data DIR.',
  );
}

function known(name: string, there: readonly string[]): string {
  if (there.includes(name)) return name;
  throw new UsageError(
    `No part "${name}" has a log.${didYouMean(name, there)} Logs: ${there.join(', ')}.`,
  );
}
