import { EnvReader, processEnvironment, runProcess, startAlone } from '@gatehouse/chassis/alone';
import type { ConfigFile } from './config-file.ts';
import { type BuiltGateway, buildAlone } from './gateway.ts';
import { readProcessSettings } from './process-settings.ts';
import { startScreen } from './screen.ts';

/** Runs the gateway until it is told to stop, and ends the process. */
export async function runAlone(file: ConfigFile): Promise<void> {
  const env = new EnvReader(processEnvironment());
  const isTerminal = process.stdout.isTTY === true;
  await runProcess('gateway', async (signal) => {
    const settings = readProcessSettings(env, isTerminal);
    let built: BuiltGateway | undefined;
    const running = await startAlone({
      name: 'gateway',
      ...settings,
      adminPort: file.value.listen.adminPort,
      signal,
      build: async (context) => {
        built = await buildAlone(context, file);
        return [built.listener];
      },
    });
    const ports = { edge: built?.edgePort() ?? 0, admin: running.adminPort };
    process.stderr.write(startScreen(file, ports));
    return running;
  });
}
