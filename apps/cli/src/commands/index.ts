/** The commands there are. */
import { nearest, UsageError } from '../usage.ts';
import { account } from './account.ts';
import { client } from './client.ts';
import type { Command } from './command.ts';
import { core } from './core.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { explain } from './explain.ts';
import { gateway } from './gateway.ts';
import { grant } from './grant.ts';
import { help } from './help.ts';
import { keys } from './keys.ts';
import { logs } from './logs.ts';
import { newService } from './new.ts';
import { reset } from './reset.ts';
import { routes } from './routes.ts';
import { status } from './status.ts';
import { token } from './token.ts';
import { tour } from './tour.ts';
import { up } from './up.ts';
import { version } from './version.ts';

/** In the order in which people are shown them. */
const COMMANDS: readonly Command[] = [
  up,
  down,
  status,
  logs,
  doctor,
  reset,
  tour,
  gateway,
  routes,
  explain,
  token,
  client,
  keys,
  grant,
  account,
  core,
  newService,
  version,
  help(() => COMMANDS),
];

const ALIASES: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
  '-v': 'version',
};

/**
 * Finds the command that the arguments name; `help` when there are none, or when `--help` stands
 * anywhere.
 *
 * @throws UsageError with the nearest command's name.
 */
export function findCommand(args: readonly string[]): {
  readonly command: Command;
  readonly rest: readonly string[];
} {
  const [first = 'help', ...rest] = args;
  const asksHelp = rest.some((arg) => arg === '--help' || arg === '-h');
  const name = asksHelp ? 'help' : (ALIASES[first] ?? first);
  const command = COMMANDS.find((each) => each.name === name);
  const asked = COMMANDS.some((each) => each.name === first) ? [first] : [];
  if (command !== undefined) return { command, rest: asksHelp ? asked : rest };
  const names = COMMANDS.map((each) => each.name);
  const meant = nearest(name, names);
  throw new UsageError(
    `There is no command "${name}".${meant === undefined ? '' : ` Did you mean "${meant}"?`} Commands: ${names.join(', ')}.`,
  );
}
