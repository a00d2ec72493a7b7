/**
 * `npm run build -w @gatehouse/tokens`: makes what is published of a package: plain JavaScript and
 * declarations in `dist`, which is a whole package by itself (`npm pack ./packages/tokens/dist`).
 *
 * Inside the workspace a package is its TypeScript source, so its package.json names that; the one
 * written to `dist` names what was built.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bin, ROOT, run } from '../checks/command.ts';

/** The members of a package.json that are read here. */
interface Manifest {
  readonly private?: boolean;
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
  readonly exports: Readonly<Record<string, string>>;
}

/** An entry of a published package. */
interface BuiltEntry {
  readonly types: string;
  readonly default: string;
}

/**
 * Builds one package.
 *
 * @param folder - has package.json, tsconfig.build.json (sources in `src`) and README.md.
 * @param target - what is there is removed first.
 * @throws Error when it does not compile.
 */
export async function buildPackage(folder: string, target = join(folder, 'dist')): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const project = ['--project', join(folder, 'tsconfig.build.json'), '--outDir', target];
  const args = [...project, '--emitDeclarationOnly'];
  const { exitCode, stdout, stderr } = await run(bin('tsc'), args);
  if (exitCode !== 0) throw new Error(`${folder} does not compile:\n${stdout}${stderr}`);
  await rewriteDeclarations(target);
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  await bundle(folder, manifest, target);
  const published = `${JSON.stringify(publishedManifest(manifest), null, 2)}\n`;
  await writeFile(join(target, 'package.json'), published);
  await copyFile(join(folder, 'README.md'), join(target, 'README.md'));
  await copyFile(join(ROOT, 'LICENSE'), join(target, 'LICENSE'));
}

/**
 * A file per entry, and one for what entries share, so that a class is the same class whichever entry
 * it came from. Fifty small files take more than twice as long to load.
 */
async function bundle(folder: string, { exports }: Manifest, outdir: string): Promise<void> {
  const entries = Object.values(exports).map((source) => [pathOf(source), join(folder, source)]);
  await build({
    entryPoints: Object.fromEntries(entries),
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'silent',
  });
}

/**
 * A declaration whose imports name what is there. The compiler rewrites the extensions in JavaScript
 * only, and compilers before 5.7 do not find `./a.ts` beside `a.d.ts`.
 */
export function withBuiltImports(declaration: string): string {
  return declaration.replace(/((?:from |import\()'\.{1,2}\/[^']+)\.ts'/g, "$1.js'");
}

async function rewriteDeclarations(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  for (const name of names.filter((file) => file.endsWith('.d.ts'))) {
    const path = join(folder, name);
    await writeFile(path, withBuiltImports(await readFile(path, 'utf8')));
  }
}

/**
 * The package.json of what is published.
 *
 * Beside `exports`, which Node and current compilers read, it has `typesVersions` for projects that are
 * still compiled with `"moduleResolution": "node"`.
 */
export function publishedManifest(manifest: Manifest): object {
  const { private: _private, scripts: _scripts, devDependencies: _dev, ...kept } = manifest;
  const entries = Object.entries(manifest.exports).map(
    ([name, source]) => [name, built(source)] as const,
  );
  const types = entries.map(([name, { types: file }]) => [
    name.replace(/^\.\/?/, '') || '.',
    [file],
  ]);
  return {
    ...kept,
    sideEffects: false,
    exports: Object.fromEntries(entries),
    typesVersions: { '*': Object.fromEntries(types) },
  };
}

function pathOf(source: string): string {
  const path = /^\.\/src\/(.+)\.ts$/.exec(source)?.[1];
  if (path === undefined) throw new Error(`an entry is a file ./src/….ts, not ${source}`);
  return path;
}

function built(source: string): BuiltEntry {
  const path = pathOf(source);
  return { types: `./${path}.d.ts`, default: `./${path}.js` };
}

if (import.meta.main) await buildPackage(resolve(process.argv[2] ?? '.'));
