import { parseFlags } from '../usage.ts';
import type { Command } from './command.ts';

/** Lists the commands with their flags. */
export function help(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'this list',
    flags: [],
    run: async (args) => {
      parseFlags('help', args, {});
      console.log(['gatehouse COMMAND [FLAGS]', '', ...commands().flatMap(describe)].join('\n'));
      return 0;
    },
  };
}

function describe({ name, summary, flags }: Command): readonly string[] {
  return [
    `  ${name.padEnd(10)} ${summary}`,
    ...flags.map(([flag, text]) => `      ${flag.padEnd(22)} ${text}`),
  ];
}
