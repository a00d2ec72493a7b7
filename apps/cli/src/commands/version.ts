import { readFile } from 'node:fs/promises';
import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';

export const version: Command = {
  name: 'version',
  summary: 'the version of Gatehouse, and of the Node it runs on',
  flags: [],
  run: async (args) => {
    parseFlags('version', args, {});
    const manifest: { version: string } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    console.log(`gatehouse ${manifest.version} (Node ${process.versions.node})`);
    return 0;
  },
};
