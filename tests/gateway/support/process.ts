/** Processes of these tests, each ended by its own id, and what they use. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A process that a test started. */
export interface Started {
  readonly child: ChildProcess;
  /** Its first line of output. */
  readonly firstLine: string;
  /** Each line of output so far. */
  lines(): readonly string[];
  /** Ends it: asked first, killed after ten seconds. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** None outlives the test, however that ends. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts node with these arguments, and waits for the first line that it says. */
export async function startNode(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Started> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const complaints: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const first = new Promise<string>((resolve, reject) => {
    reader.once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`${args[0]} ended with ${code}: ${Buffer.concat(complaints)}`));
    });
  });
  reader.on('line', (line) => lines.push(line));
  const firstLine = await first;
  return { child, firstLine, lines: () => lines, stop: (signal) => stop(child, signal) };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(timer);
}

/** Resident memory of a process in MiB. Linux only. */
export function residentMiB(pid: number | undefined): number {
  const [, kibibytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}
