import { nearest, parseWords, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

/** Lists the commands with their flags, or one of them. */
export function help(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'this list, or one command of it: gatehouse help COMMAND',
    flags: [],
    run: async (args) => {
      const { words } = parseWords('help', args, { words: ['[COMMAND]'], options: {} });
      const shown = words[0] === undefined ? commands() : [named(words[0], commands())];
      console.log(['gatehouse COMMAND [FLAGS]', '', ...shown.flatMap(describe)].join('\n'));
      return 0;
    },
  };
}

function named(name: string, commands: readonly Command[]): Command {
  const found = commands.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = commands.map((each) => each.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new UsageError(`There is no command "${name}".${hint} Commands: ${names.join(', ')}.`);
}

function describe({ name, summary, flags }: Command): readonly string[] {
  return [
    `  ${name.padEnd(10)} ${summary}`,
    ...flags.map(([flag, text]) => `      ${flag.padEnd(22)} ${text}`),
  ];
}
