import { spawn } from 'node:child_process';

/** A sample that runs. */
export interface Sample {
  /** What it printed: where it listens. */
  readonly url: string;
  /** All that it printed until now. */
  said(): string;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/**
 * Starts a sample as a process of its own, on a free port.
 *
 * @throws Error with what it said, when it ends or says no address.
 */
export async function startSample(
  node: string,
  args: readonly string[],
  cwd: string,
): Promise<Sample> {
  const child = spawn(node, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  let said = '';
  const address = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no address came: ${said}`)), START_MS);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const url = /^http:\/\/\S+$/m.exec(said)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`the sample ended: ${said}`));
    });
  });
  try {
    return { url: await address, said: () => said, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
