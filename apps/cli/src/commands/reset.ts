import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { deletePlatformData, PlatformError } from '@gatehouse/platform';
import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

export const reset: Command = {
  name: 'reset',
  summary: 'deletes the data folder: databases, keys, certificates, demo users, logs',
  flags: [DATA_HELP, ['--yes', 'do not ask']],
  run: async (args) => {
    const flags = parseFlags('reset', args, { data: DATA_FLAG, yes: { type: 'boolean' } });
    const folder = resolve(flags.data);
    if (!(await exists(folder))) {
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
  },
};

async function confirmed(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new PlatformError(
      `Deleting ${folder} needs a yes.`,
      'Say it on the command line: --yes.',
    );
  }
  const asked = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asked.question(`Delete ${folder} with all that is in it? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asked.close();
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
