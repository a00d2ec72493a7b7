import { stopPlatform } from '@gatehouse/platform';
import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';
import { DATA_FLAG, DATA_HELP } from './data-folder.ts';

export const down: Command = {
  name: 'down',
  summary: 'stops the platform, wherever it was started; what is in flight finishes',
  flags: [DATA_HELP],
  run: async (args) => {
    const flags = parseFlags('down', args, { data: DATA_FLAG });
    const stopped = await stopPlatform(flags.data, (line) => console.log(line));
    console.log(
      stopped
        ? 'Stopped. The data is kept: "gatehouse up" goes on with it.'
        : `Nothing runs on ${flags.data}. "gatehouse up" starts the platform.`,
    );
    return 0;
  },
};
