import {
  ConfigError,
  EnvReader,
  processEnvironment,
  runProcess,
  startStandalone,
} from '@gatehouse/chassis/standalone';
import { boundHeapGrowth } from '../heap.ts';
import type { ConfigFile } from './config-file.ts';
import { type BuiltGateway, buildStandalone } from './gateway.ts';
import { readProcessSettings } from './process-settings.ts';
import { startScreen } from './screen.ts';

/** Runs the gateway until it is told to stop, and ends the process. */
export async function runStandalone(file: ConfigFile): Promise<void> {
  boundHeapGrowth();
  const env = new EnvReader(processEnvironment());
  const isTerminal = process.stdout.isTTY === true;
  await runProcess('gateway', async (signal) => {
    const settings = readProcessSettings(env, isTerminal);
    let built: BuiltGateway | undefined;
    const running = await startStandalone({
      name: 'gateway',
      ...settings,
      adminPort: file.value.listen.adminPort,
      signal,
      build: async (context) => {
        built = await buildStandalone(context, file);
        return [built.listener];
      },
    }).catch((fault: unknown) => {
      throw portFault(file, fault) ?? fault;
    });
    const ports = { edge: built?.listener.port() ?? 0, admin: running.adminPort };
    process.stderr.write(startScreen(file, ports));
    return running;
  });
}

/** A port that cannot be had, in words of the file; undefined for any other fault. */
function portFault({ value }: ConfigFile, fault: unknown): ConfigError | undefined {
  if (!(fault instanceof Error && 'code' in fault && 'port' in fault)) return undefined;
  const { code, port } = fault;
  const why = WHY[String(code)];
  if (why === undefined) return undefined;
  const isAdmin = port === value.listen.adminPort;
  return new ConfigError(isAdmin ? 'listen.admin_port' : 'listen.port', `${port} ${why}`);
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program: choose another one in the file',
  EACCES: 'may not be opened by this user: choose one above 1023, or let the system forward it',
  EADDRNOTAVAIL: 'cannot be opened: "listen.address" is no address of this machine',
};
