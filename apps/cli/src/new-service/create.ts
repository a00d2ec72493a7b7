/** Makes a service in the clone: all of it, or nothing. */
import { execFile } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PlatformError } from '@gatehouse/platform';
import type { NewFile } from './files.ts';

/**
 * Writes the files of a service into its two folders, and brings up to date what follows from them: the
 * code of the contracts and the lock file. No other file is changed.
 *
 * @param root - the clone, with its dependencies installed.
 * @throws PlatformError when a folder is in the way, or the code cannot be generated. Then everything is as
 *   before.
 */
export async function createService(
  root: string,
  name: string,
  files: readonly NewFile[],
): Promise<void> {
  const folders = [`services/${name}`, `proto/gatehouse/${name}`];
  for (const folder of folders) await assertFree(root, folder);
  try {
    for (const { path, text } of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    await run(root, 'tools/generate.mjs', []);
  } catch (thrown) {
    for (const folder of folders) await rm(join(root, folder), { recursive: true, force: true });
    throw thrown;
  }
  await format(root, files);
}

async function assertFree(root: string, folder: string): Promise<void> {
  const found = await stat(join(root, folder)).catch(() => undefined);
  if (found === undefined) return;
  throw new PlatformError(
    `${folder} exists already, and nothing was changed.`,
    'Choose another name, or move that folder elsewhere.',
  );
}

// How long a line becomes depends on the name.
async function format(root: string, files: readonly NewFile[]): Promise<void> {
  const paths = files.map(({ path }) => path).filter((path) => /\.(ts|json)$/.test(path));
  await run(root, 'node_modules/@biomejs/biome/bin/biome', ['check', '--write', ...paths]);
}

async function run(root: string, script: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(root, script), ...args], { cwd: root });
  } catch (cause) {
    const { stderr } = cause as { stderr?: string };
    throw new PlatformError(
      `${script} failed:\n${stderr?.trim() ?? String(cause)}`,
      'Is everything installed? node tools/install.mjs says so, and mends it.',
      { cause },
    );
  }
}
