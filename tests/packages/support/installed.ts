/** Samples as a stranger has them: installed from packed packages, outside the repository. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../../../tools/packages/build.ts';
import { run } from './command.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const INSTALL = [
  'install',
  '--no-audit',
  '--no-fund',
  '--no-package-lock',
  '--ignore-scripts',
  '--loglevel=error',
];

/** A folder outside the repository, with the tokens package packed in it. */
export interface Outside {
  readonly folder: string;
  /** The packed package. */
  readonly tarball: string;
  /** Copies one of examples/, installs what it needs, and gives its folder. */
  install(sample: string): Promise<string>;
  /** Removes it all. */
  remove(): Promise<void>;
}

/** Builds and packs the tokens package. */
export async function packOutside(): Promise<Outside> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-packages-'));
  const built = join(folder, 'built');
  await buildPackage(join(ROOT, 'packages/tokens'), built);
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], built);
  const [{ filename }] = JSON.parse(packed) as [{ readonly filename: string }];
  const tarball = join(folder, filename);
  return {
    folder,
    tarball,
    install: async (sample) => {
      const target = join(folder, sample);
      await cp(join(ROOT, 'examples', sample), target, { recursive: true });
      const manifest = join(target, 'package.json');
      const text = await readFile(manifest, 'utf8');
      const named = text.replace(/("@gatehouse\/tokens": )"[^"]+"/, `$1"file:${tarball}"`);
      await writeFile(manifest, named);
      await run('npm', INSTALL, target);
      return target;
    },
    remove: async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Installs another Node from npm and gives the path of its binary. */
export async function installNode(outside: Outside, version: string): Promise<string> {
  const folder = await mkdtemp(join(outside.folder, 'node-'));
  const name = `node-linux-${process.arch}`;
  await run('npm', [...INSTALL, '--prefix', folder, `${name}@${version}`], folder);
  return join(folder, 'node_modules', name, 'bin/node');
}
