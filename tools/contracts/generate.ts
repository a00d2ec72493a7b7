import { bin, ROOT, run } from '../checks/command.ts';
import { provideThirdPartyContracts } from './third-party.ts';

/**
 * Generates the code of the contracts as buf.gen.yaml says.
 *
 * @param target - a folder that stands for the project's: files land below it at the same paths.
 *   What stood there before is removed.
 * @throws Error with buf's words when a contract does not compile.
 */
export async function generate(target: string = ROOT): Promise<void> {
  await provideThirdPartyContracts();
  const { exitCode, stdout, stderr } = await run(bin('buf'), ['generate', '--output', target]);
  if (exitCode !== 0) throw new Error(`buf generate failed:\n${stdout}${stderr}`);
}
