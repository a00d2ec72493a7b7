import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bin, ROOT, run } from '../checks/command.ts';
import { generateComments } from './comments.ts';
import { generateFileList } from './files.ts';
import { type Origin, provideThirdPartyContracts } from './third-party.ts';

/** Cannot be generated where protovalidate's source is unavailable. */
const FIELD_RULES = 'packages/contracts/src/gen/buf/validate/validate_pb.ts';

/**
 * Generates the code of the contracts as buf.gen.yaml says. Where Maven cannot fetch
 * protovalidate's contract, the code of that one stays what is committed.
 *
 * @param target - a folder that stands for the project's: files land below it at the same paths.
 *   What stood there before is removed.
 * @returns where protovalidate's contract came from.
 * @throws Error with buf's words when a contract does not compile.
 */
export async function generate(target: string = ROOT): Promise<Origin> {
  const origin = await provideThirdPartyContracts();
  const committed = await readFile(join(ROOT, FIELD_RULES));
  const { exitCode, stdout, stderr } = await run(bin('buf'), ['generate', '--output', target]);
  if (exitCode !== 0) throw new Error(`buf generate failed:\n${stdout}${stderr}`);
  if (origin === 'printed') {
    await mkdir(dirname(join(target, FIELD_RULES)), { recursive: true });
    await writeFile(join(target, FIELD_RULES), committed);
  }
  await Promise.all([generateComments(target), generateFileList(target)]);
  return origin;
}
