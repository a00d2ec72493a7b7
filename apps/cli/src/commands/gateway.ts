import { fileURLToPath } from 'node:url';
import { parseFlags, UsageError } from '../usage.ts';
import type { Command } from './command.ts';

/** The program itself: started as a process, never imported. */
const PROGRAM = fileURLToPath(
  new URL('../../../../services/gateway/src/standalone/main.ts', import.meta.url),
);

export const gateway: Command = {
  name: 'gateway',
  summary: 'runs the gateway alone, before services of your own; Ctrl-C stops it',
  flags: [
    ['--config FILE', 'its routes, rules and upstreams: gateway.yaml'],
    ['--check', 'says what is wrong with the file, and starts nothing'],
    ['--schema', 'prints the JSON Schema of the file, for your editor'],
  ],
  run: async (args) => {
    const flags = parseFlags('gateway', args, {
      config: { type: 'string' },
      check: { type: 'boolean', default: false },
      schema: { type: 'boolean', default: false },
    });
    if (flags.schema) return become(['--schema']);
    if (flags.config === undefined) {
      throw new UsageError('"gateway" needs its file: gatehouse gateway --config gateway.yaml.');
    }
    return become(['--config', flags.config, ...(flags.check ? ['--check'] : [])]);
  },
};

/** This process turns into the program, so that signals are for it alone. */
function become(args: readonly string[]): never {
  if (process.execve === undefined) throw new UsageError('"gateway" does not run on this system.');
  process.execve(process.execPath, [process.execPath, PROGRAM, ...args]);
  throw new Error('the program could not be started');
}
