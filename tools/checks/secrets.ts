import { bin, run, type Verdict } from './command.ts';
import { trackedFiles } from './files.ts';

/** Looks for credentials in every file that a clone would hold. */
export async function checkSecrets(): Promise<Verdict> {
  return await scanForSecrets(await trackedFiles());
}

/**
 * Looks for credentials of known kinds in some files.
 *
 * @param files - paths, absolute or from the project's folder. None is no success.
 */
export async function scanForSecrets(files: readonly string[]): Promise<Verdict> {
  const args = ['--no-glob', '--no-gitignore', '--no-color', '--no-terminalLink', ...files];
  const { exitCode, stdout, stderr } = await run(bin('secretlint'), args);
  const ok = exitCode === 0 && files.length > 0;
  return { ok, output: `${stdout}${stderr}`, note: `${files.length} files` };
}
