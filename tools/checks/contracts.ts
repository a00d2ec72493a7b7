/** Checks of the contracts in proto/: their style, what they promised before, their code. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../contracts/generate.ts';
import { provideThirdPartyContracts } from '../contracts/third-party.ts';
import { checkByCommand, ROOT, type Verdict } from './command.ts';

const GENERATED = 'packages/contracts/src/gen';

/** What callers were promised, as an image that buf made of the contracts at that time. */
export const BASELINE = 'proto/baseline.binpb';

/** Style of the contracts, by buf.yaml. */
export async function checkProtoLint(): Promise<Verdict> {
  await provideThirdPartyContracts();
  return await checkByCommand('buf', ['lint', 'proto']);
}

/** What was promised to callers before still holds. */
export async function checkBreaking(): Promise<Verdict> {
  await provideThirdPartyContracts();
  return await compareWithBaseline('proto');
}

/**
 * Compares contracts with the committed baseline.
 *
 * @param contracts - a folder of the workspace that buf.yaml describes, or an image.
 */
export async function compareWithBaseline(contracts: string): Promise<Verdict> {
  return await checkByCommand('buf', ['breaking', contracts, '--against', BASELINE]);
}

/** The committed code is what the contracts generate today. */
export async function checkGenerated(): Promise<Verdict> {
  const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-generated-'));
  try {
    const origin = await generate(scratch);
    const differing = await differences(join(ROOT, GENERATED), join(scratch, GENERATED));
    const output = [...differing, 'Run `npm run generate` and commit what it writes.'].join('\n');
    const verdict = { ok: differing.length === 0, output };
    if (origin === 'published') return verdict;
    return { ...verdict, note: 'but for buf/validate, which Maven could not fetch' };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function differences(committed: string, fresh: string): Promise<string[]> {
  const [before, after] = await Promise.all([filesOf(committed), filesOf(fresh)]);
  if (after.size === 0) return ['nothing was generated'];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${GENERATED}/${path} is not current`);
}

async function filesOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return new Map(
    paths.map((path, index) => [path.slice(folder.length + 1), contents[index] ?? '']),
  );
}
