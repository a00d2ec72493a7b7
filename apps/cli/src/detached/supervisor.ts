/**
 * The supervisor of `gatehouse up --detach`: a process of its own, which reports its
 * start to the command, and then runs until it is asked to stop. It prints to logs/supervisor.log.
 */
import { PlatformError, startPlatform } from '@gatehouse/platform';
import { stopSignals } from '../terminal/signals.ts';
import type { DetachedOptions, Message } from './messages.ts';

// It keeps running when the command has ended.
const signals = stopSignals({ channel: false });
process.on('error', () => undefined);

const options: DetachedOptions = JSON.parse(process.argv[2] ?? '{}');
try {
  const platform = await startPlatform({ ...options, signal: signals.stop, onLine: report });
  const { dataDir, ports, demoUsers, tracesUrl } = platform;
  send({ kind: 'up', welcome: { dataDir, ports, demoUsers, tracesUrl } });
  if (process.connected) process.disconnect();
  await signals.stopped;
  report('stopping');
  await platform.stop();
  process.exit(0);
} catch (thrown) {
  if (signals.stop.aborted) process.exit(0);
  if (!(thrown instanceof PlatformError)) throw thrown;
  const { message, remedy } = thrown;
  report(message);
  send({ kind: 'failed', message, remedy });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

function report(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
  send({ kind: 'line', line });
}

function send(message: Message): void {
  // The command may have ended; the log has it all the same.
  if (process.connected) process.send?.(message, () => undefined);
}
