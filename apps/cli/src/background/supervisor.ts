/**
 * The supervisor of `gatehouse up --detach`: a process of its own, which tells its starter how the
 * start goes, and then runs until it is asked to stop. What it prints is in logs/supervisor.log.
 */
import { PlatformError, startPlatform } from '@gatehouse/platform';
import { stopSignals } from '../signals.ts';
import type { BackgroundOptions, Message } from './messages.ts';

// It goes on when its starter has gone.
const signals = stopSignals({ channel: false });
process.on('error', () => undefined);

const options: BackgroundOptions = JSON.parse(process.argv[2] ?? '{}');
try {
  const platform = await startPlatform({ ...options, signal: signals.stop, onLine: report });
  const { dataDir, ports, demoUsers, tracesUrl } = platform;
  tell({ kind: 'up', welcome: { dataDir, ports, demoUsers, tracesUrl } });
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
  tell({ kind: 'failed', message, remedy });
  process.exitCode = 1;
  if (process.connected) process.disconnect();
}

function report(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
  tell({ kind: 'line', line });
}

function tell(message: Message): void {
  // Whoever started this may have gone; the log has it all the same.
  if (process.connected) process.send?.(message, () => undefined);
}
