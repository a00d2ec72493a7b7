/** A project of a stranger, with the packed package in it and nothing else. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Outside } from './installed.ts';

const MODULES = new URL('../../../node_modules/', import.meta.url).pathname;
const COMPILERS = ['typescript/lib/tsc.js', '@typescript/native/bin/tsc'];
const STRICT = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: 'es2022' };

/** A project in a folder of its own. */
export interface Project {
  readonly folder: string;
  /** Where the package is installed. */
  readonly installed: string;
  /**
   * Compiles files with every compiler that we know.
   *
   * @param sources - texts by the names of their files.
   * @throws Error with what the compiler says.
   */
  compile(sources: Readonly<Record<string, string>>, options: object): Promise<void>;
}

/** Unpacks the package into a new project, beside the types of Node and grpc-js. */
export async function createProject(outside: Outside): Promise<Project> {
  const folder = join(outside.folder, 'project');
  const installed = join(folder, 'node_modules/@gatehouse/tokens');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', outside.tarball, '--strip-components=1', '-C', installed], folder);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  for (const name of ['@grpc', '@types', 'undici-types']) {
    await symlink(join(MODULES, name), join(folder, 'node_modules', name));
  }
  const compile = async (sources: Readonly<Record<string, string>>, options: object) => {
    const files = Object.keys(sources);
    for (const file of files) await writeFile(join(folder, file), sources[file] ?? '');
    const config = join(folder, 'tsconfig.json');
    const compilerOptions = { ...STRICT, ...options };
    await writeFile(config, JSON.stringify({ compilerOptions, files }));
    for (const compiler of COMPILERS) {
      await run(process.execPath, [join(MODULES, compiler), '--project', config], folder);
    }
  };
  return { folder, installed, compile };
}
