import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage.ts';

/** Started as a process, never imported. */
const PROGRAM = fileURLToPath(
  new URL('../../../../services/gateway/src/standalone/main.ts', import.meta.url),
);

export async function gateway(flags: {
  readonly config?: string;
  readonly check: boolean;
  readonly schema: boolean;
}): Promise<void> {
  if (flags.schema) become(['--schema']);
  if (flags.config === undefined) {
    throw new UsageError('"gateway" needs its file: gatehouse gateway --config gateway.yaml.');
  }
  become(['--config', flags.config, ...(flags.check ? ['--check'] : [])]);
}

/** This process turns into the program, so that only it gets the signals. */
function become(args: readonly string[]): never {
  if (process.execve === undefined) throw new UsageError('"gateway" does not run on this system.');
  process.execve(process.execPath, [process.execPath, PROGRAM, ...args]);
  throw new Error('the program could not be started');
}
