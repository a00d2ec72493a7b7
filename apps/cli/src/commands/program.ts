/** The `gatehouse` command: its commands and flags, declared once each. */
import { readFileSync } from 'node:fs';
import { Command, Help, Option } from 'commander';
import { repeated, wholeNumber } from '../usage.ts';
import { adminFlag, dataFlag, jsonFlag, lazily, portOffsetFlag } from './flags.ts';
import { addOperatorCommands } from './operator-program.ts';

const MAX_LOG_LINES = 100_000;

/** Throws commander's errors instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('gatehouse')
    .description('Gatehouse: the identity plane for TypeScript microservices.')
    .version(version(), '-v, --version', 'show the version of Gatehouse and of Node')
    .helpOption('-h, --help', 'show the help of a command')
    .helpCommand('help [command]', 'show the help of a command')
    .configureHelp({ optionDescription })
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .showHelpAfterError('Add --help to see what it takes.');
  addPlatformCommands(program);
  addGatewayCommands(program);
  addOperatorCommands(program);
  addNew(program);
  program
    .command('version')
    .description('show the version of Gatehouse and of Node')
    .action(() => console.log(version()));
  return program;
}

/** A flag that is off, or a list that is empty, has no default worth a line. */
function optionDescription(option: Option): string {
  const { defaultValue, defaultValueDescription, description } = option;
  const isOff =
    defaultValue === false || (Array.isArray(defaultValue) && defaultValue.length === 0);
  return isOff && defaultValueDescription === undefined
    ? description
    : new Help().optionDescription(option);
}

function addPlatformCommands(program: Command): void {
  program
    .command('up')
    .description('start the whole platform; Ctrl-C stops it')
    .addOption(dataFlag())
    .addOption(portOffsetFlag('add n to every port'))
    .option('--replicas <part=n>', 'run n replicas of a part; may be repeated', repeated, [])
    .addOption(
      new Option('--copies <part=n>', 'old name of --replicas')
        .argParser(repeated)
        .default([])
        .hideHelp(),
    )
    .option(
      '--gateway-file <file>',
      'gateway.yaml with routes to your own services, without issuers',
    )
    .option('--detach', 'run in the background; "gatehouse down" stops it', false)
    .action(lazily(async () => (await import('./up.ts')).up));
  program
    .command('down')
    .description('stop the platform, wherever it was started; requests in flight finish')
    .addOption(dataFlag())
    .action(lazily(async () => (await import('./down.ts')).down));
  program
    .command('status')
    .description('show what runs and its state; exit code 1 when a part is not ready')
    .addOption(dataFlag())
    .addOption(jsonFlag('print JSON: [{name, state, ports, pid, rssBytes}]'))
    .action(lazily(async () => (await import('./status.ts')).status));
  program
    .command('logs')
    .description('show the logs of all parts, or of one')
    .argument('[part]', 'gateway, auth, board-2, supervisor, …')
    .addOption(dataFlag())
    .option('--follow', 'keep showing new lines until Ctrl-C', false)
    .addOption(
      new Option('--lines <n>', 'how many of the last lines of each part')
        .argParser(wholeNumber({ min: 0, max: MAX_LOG_LINES }))
        .default(20),
    )
    .action(lazily(async () => (await import('./logs.ts')).logs));
  program
    .command('doctor')
    .description('check this machine, the settings and the platform; exit code 1 on a problem')
    .addOption(dataFlag())
    .addOption(portOffsetFlag('port offset that the platform would use'))
    .addOption(jsonFlag('print JSON: [{name, verdict, says, remedy}]'))
    .action(lazily(async () => (await import('./doctor.ts')).doctor));
  program
    .command('reset')
    .description('delete the data folder: databases, keys, certificates, demo users, logs')
    .addOption(dataFlag())
    .option('--yes', 'do not ask', false)
    .action(lazily(async () => (await import('./reset.ts')).reset));
  program
    .command('tour')
    .description('follow requests through the platform, and see which are denied and why')
    .addOption(dataFlag())
    .action(lazily(async () => (await import('./tour.ts')).tour));
}

function addGatewayCommands(program: Command): void {
  program
    .command('gateway')
    .description('run the standalone gateway in front of your own services; Ctrl-C stops it')
    .option('--config <file>', 'routes, rules and upstreams: gateway.yaml')
    .option('--check', 'report errors in the file, and start nothing', false)
    .option('--schema', 'print the JSON Schema of the file, for your editor', false)
    .action(lazily(async () => (await import('./gateway.ts')).gateway));
  program
    .command('routes')
    .description('list every route of the gateway, and who may call it')
    .addOption(dataFlag())
    .addOption(adminFlag())
    .addOption(jsonFlag('print JSON, with each whole rule'))
    .action(lazily(async () => (await import('./routes.ts')).routes));
  program
    .command('explain')
    .description('show how the gateway would decide a request, and why')
    .argument('<method>', 'GET, POST, …')
    .argument('<path>', 'with a leading slash: /board/v1/posts')
    .addOption(dataFlag())
    .addOption(adminFlag())
    .option('--host <name>', 'Host header of the request, where routes have hosts')
    .option('--as <who>', 'member, moderator, admin, an access token, or - to read a token')
    .addOption(jsonFlag())
    .action(lazily(async () => (await import('./explain.ts')).explain));
  program
    .command('token')
    .description('inspect tokens')
    .command('inspect')
    .description('show what a token is, what it contains, and whether it is valid')
    .argument('[token]', 'read from standard input when absent or - (keeps it out of your history)')
    .addOption(dataFlag())
    .action(lazily(async () => (await import('./token.ts')).inspectToken));
}

function addNew(program: Command): void {
  program
    .command('new')
    .description('create a service')
    .command('service')
    .description('create a service: contract, database, one method and a test, already wired in')
    .argument('<name>', 'lower-case letters and digits')
    .option(
      '--http',
      'plain HTTP for clients with a service token, instead of a gRPC contract',
      false,
    )
    .action(lazily(async () => (await import('./new.ts')).newService));
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return `gatehouse ${manifest.version} (Node ${process.versions.node})`;
}

// One line, and without the surplus arguments themselves: one of them may be a token.
function oneLine(text: string): string {
  const line = text.trimEnd().replaceAll('\n', ' ');
  return `${line.replace(/(but got \d+): .*/s, '$1.')}\n`;
}
