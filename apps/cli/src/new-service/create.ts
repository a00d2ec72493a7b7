/** Makes a service in the clone: all of it, or nothing. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PlatformError, POSTGRES, SERVICES, TRACES_PORT } from '@gatehouse/platform';
import { httpFilesOf } from './http-templates.ts';
import type { ServiceKind, ServiceName } from './name.ts';
import { filesOf, type NewFile } from './templates.ts';
import { editsFor, freeBlock } from './wiring.ts';

/** What was made. Paths are from the root of the clone. */
export interface CreatedService {
  readonly created: readonly string[];
  readonly changed: readonly string[];
}

/**
 * Writes the files of a service, wires it, and generates the code of its contract, where it has one.
 *
 * @param root - the clone, with its dependencies installed.
 * @param kind - what it speaks.
 * @throws PlatformError when a file is in the way or not as it was, or the code cannot be generated.
 *   Then everything is as before.
 */
export async function createService(
  root: string,
  service: ServiceName,
  kind: ServiceKind = 'grpc',
): Promise<CreatedService> {
  const created = kind === 'http' ? httpFilesOf(service) : filesOf(service);
  await assertNothingInTheWay(root, service);
  const ofParts = [POSTGRES, ...SERVICES].flatMap(({ ports }) => Object.values(ports));
  const edits = await Promise.all(
    editsFor(service, freeBlock([...ofParts, TRACES_PORT]), kind).map(async ({ path, change }) => {
      const before = await readFile(join(root, path), 'utf8');
      return { path, before, text: change(before) };
    }),
  );
  try {
    for (const file of [...created, ...edits]) await write(root, file);
    if (kind === 'grpc') await run(root, 'tools/generate.mjs', []);
  } catch (thrown) {
    for (const { path, before } of edits) await write(root, { path, text: before });
    for (const folder of foldersOf(service))
      await rm(join(root, folder), { recursive: true, force: true });
    throw thrown;
  }
  await link(root, service);
  const paths = [...created, ...edits].map(({ path }) => path);
  await format(root, paths);
  return { created: created.map(({ path }) => path), changed: edits.map(({ path }) => path) };
}

function foldersOf({ name }: ServiceName): readonly string[] {
  return [`services/${name}`, `proto/gatehouse/${name}`];
}

async function assertNothingInTheWay(root: string, service: ServiceName): Promise<void> {
  for (const folder of foldersOf(service)) {
    const found = await stat(join(root, folder)).catch(() => undefined);
    if (found === undefined) continue;
    throw new PlatformError(
      `${folder} is there already, and nothing was changed.`,
      'Choose another name, or move that folder away.',
    );
  }
}

async function write(root: string, { path, text }: NewFile): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

// What `npm install` would link; without it, tools that look services up by name would miss it.
async function link(root: string, { name }: ServiceName): Promise<void> {
  const path = join(root, 'node_modules/@gatehouse', name);
  await rm(path, { force: true });
  await symlink(`../../services/${name}`, path);
}

// How long a line becomes depends on the name.
async function format(root: string, paths: readonly string[]): Promise<void> {
  const typeScript = paths.filter((path) => path.endsWith('.ts'));
  await run(root, 'node_modules/@biomejs/biome/bin/biome', ['check', '--write', ...typeScript]);
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
