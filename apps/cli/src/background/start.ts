/** Starts the platform in the background and shows its start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PlatformError, prepareSupervisorLog } from '@gatehouse/platform';
import type { Welcome } from '../screen.ts';
import type { BackgroundOptions, Message } from './messages.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/** Who watches the start. */
export interface Watcher {
  readonly onLine: (line: string) => void;
  /** Gives the start up: what runs is stopped. */
  readonly stop: AbortSignal;
}

/**
 * Starts a supervisor that outlives this process, and resolves when all is ready.
 *
 * @returns undefined when it was given up.
 * @throws PlatformError as `startPlatform`, or when the supervisor ended without a word.
 */
export async function startInBackground(
  options: BackgroundOptions,
  { onLine, stop }: Watcher,
): Promise<Welcome | undefined> {
  const logFile = await prepareSupervisorLog(options.dataDir);
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [SUPERVISOR, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  await log.close();
  const giveUp = () => void child.kill('SIGTERM');
  stop.addEventListener('abort', giveUp, { once: true });
  if (stop.aborted) giveUp();
  const last = await lastWord(child, onLine);
  stop.removeEventListener('abort', giveUp);
  if (last?.kind === 'failed') throw new PlatformError(last.message, last.remedy);
  if (last?.kind === 'up') {
    child.unref();
    return last.welcome;
  }
  if (stop.aborted) return undefined;
  throw new PlatformError(
    'The platform ended before it was up.',
    `What it said is in ${logFile}. "gatehouse doctor" looks for what is wrong.`,
  );
}

/** How the start ended; undefined when the process ended without saying so. */
async function lastWord(
  child: ChildProcess,
  onLine: (line: string) => void,
): Promise<Message | undefined> {
  let last: Message | undefined;
  child.on('message', (message: Message) => {
    if (message.kind === 'line') onLine(message.line);
    else last = message;
  });
  // Comes after the last message, and also when the process cannot be started.
  await Promise.race([once(child, 'disconnect'), once(child, 'exit')]);
  if (last?.kind !== 'up' && child.exitCode === null && child.signalCode === null) {
    await once(child, 'exit');
  }
  return last;
}
