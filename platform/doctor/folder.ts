/** The data folder: its owner, who may read its secrets, and whether the clock went backwards. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Layout } from '../layout.ts';
import { isAlive } from '../supervisor/processes.ts';
import { readState } from '../supervisor/state.ts';
import { doubtful, type Finding, fine, wrong } from './finding.ts';

const OTHERS = 0o077;
const CLOCK_LEEWAY_MS = 60_000;

/** Whether the folder is ours to use, and its secrets readable only by us. */
export async function checkFolder({ dataDir, keys, ca, demoFile }: Layout): Promise<Finding> {
  if (!existsSync(dataDir)) return fine('data', `${dataDir} will be created`);
  const { uid } = await stat(dataDir);
  const self = process.getuid?.();
  if (self !== undefined && self !== 0 && uid !== self) {
    return wrong(
      'data',
      `${dataDir} belongs to another user (uid ${uid})`,
      'Run as that user, or choose another folder: --data DIR.',
    );
  }
  const secrets = [
    ...(await filesBelow(keys)),
    ...(await filesBelow(ca)).filter(isKey),
    ...(await filesBelow(join(dataDir, 'run'))).filter(isKey),
    ...(existsSync(demoFile) ? [demoFile] : []),
  ];
  const open = await openToOthers([dataDir, keys, ca, ...secrets]);
  const [first] = open;
  if (first === undefined)
    return fine('data', `${dataDir}; its secrets are readable only by its owner`);
  const more = open.length === 1 ? '' : ` and ${open.length - 1} more`;
  return wrong(
    'data',
    `others may read ${relative(dataDir, first) || '.'}${more} in ${dataDir}`,
    `chmod -R go-rwx ${dataDir}. If others could log in here, "gatehouse reset" creates new keys.`,
  );
}

/** Processes of a supervisor that was killed. */
export async function checkLeftovers({ dataDir }: Layout): Promise<Finding> {
  const { supervisor, processes } = await readState(dataDir);
  if (supervisor !== undefined && isAlive(supervisor)) {
    return fine('state', `a platform runs (supervisor ${supervisor.pid})`);
  }
  const left = Object.entries(processes).filter(([, recorded]) => isAlive(recorded));
  if (left.length === 0) return fine('state', 'no processes of an earlier run');
  const names = left.map(([name, { pid }]) => `${name} (${pid})`).join(', ');
  return doubtful(
    'state',
    `an earlier run was killed, and these still run: ${names}`,
    '"gatehouse down" stops them; "gatehouse up" does too.',
  );
}

/** Tokens and certificates depend on the clock. Checked by our own files; no time server is asked. */
export async function checkClock({ dataDir }: Layout, nowMs: number): Promise<Finding> {
  const file = join(dataDir, 'run', 'state.json');
  const writtenMs = existsSync(file) ? (await stat(file)).mtimeMs : 0;
  const now = new Date(nowMs).toISOString();
  if (writtenMs <= nowMs + CLOCK_LEEWAY_MS) return fine('clock', now);
  return wrong(
    'clock',
    `it is ${now}, and the data folder was written to at ${new Date(writtenMs).toISOString()}`,
    'Set the clock: tokens and certificates that were issued later are not valid yet.',
  );
}

function isKey(path: string): boolean {
  return path.endsWith('key.pem');
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
}

async function openToOthers(paths: readonly string[]): Promise<readonly string[]> {
  const modes = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ mode }) => mode,
        () => 0,
      ),
    ),
  );
  return paths.filter((_, index) => ((modes[index] ?? 0) & OTHERS) !== 0);
}
