/** Starts the platform in the background and shows its start. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PlatformError, prepareSupervisorLog } from '@gatehouse/platform';
import type { Welcome } from '../welcome.ts';
import type { DetachedOptions, Message } from './messages.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor.ts', import.meta.url));

/** Who watches the start. */
export interface Watcher {
  readonly onLine: (line: string) => void;
  /** Cancels the start: what runs is stopped. */
  readonly stop: AbortSignal;
}

/**
 * Starts a supervisor that outlives this process, and resolves when all is ready.
 *
 * @returns undefined when it was cancelled.
 * @throws PlatformError as `startPlatform`, or when the supervisor ended without a message.
 */
export async function startDetached(
  options: DetachedOptions,
  { onLine, stop }: Watcher,
): Promise<Welcome | undefined> {
  const logFile = await prepareSupervisorLog(options.dataDir);
  const log = await open(logFile, 'a', 0o600);
  const child = spawn(process.execPath, [SUPERVISOR, JSON.stringify(options)], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  await log.close();
  const cancel = () => void child.kill('SIGTERM');
  stop.addEventListener('abort', cancel, { once: true });
  if (stop.aborted) cancel();
  const last = await lastMessage(child, onLine);
  stop.removeEventListener('abort', cancel);
  if (last?.kind === 'failed') throw new PlatformError(last.message, last.remedy);
  if (last?.kind === 'up') {
    child.unref();
    return last.welcome;
  }
  if (stop.aborted) return undefined;
  throw new PlatformError(
    'The supervisor ended before the platform was ready.',
    `Its log is ${logFile}. "gatehouse doctor" looks for the cause.`,
  );
}

/** How the start ended; undefined when the process ended without a message. */
async function lastMessage(
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
