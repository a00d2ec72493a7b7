import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { deletePlatformData, PlatformError } from '@gatehouse/platform';
import type { DataFlags } from './flags.ts';

export async function reset(flags: DataFlags & { readonly yes: boolean }): Promise<number> {
  const folder = resolve(flags.data);
  if (!existsSync(folder)) {
    console.log(`There is no ${folder}. Nothing to do.`);
    return 0;
  }
  if (!flags.yes && !(await confirmed(folder))) {
    console.log('Nothing was deleted.');
    return 1;
  }
  await deletePlatformData(folder, (line) => console.log(line));
  console.log(`Deleted ${folder}.`);
  return 0;
}

async function confirmed(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new PlatformError(
      `Deleting ${folder} needs your confirmation.`,
      'Confirm on the command line: --yes.',
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`Delete ${folder} and everything in it? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
