/** Runs a program that knows nothing of our code. */
import { spawn } from 'node:child_process';

/** How a program ended, or what it said until it had said enough. */
export interface Said {
  /** Undefined: it was ended by us. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What a program is given. */
export interface ToolOptions {
  readonly input?: string | Uint8Array;
  /** Leave its input open, as a client that waits for an answer does. */
  readonly keepInputOpen?: boolean;
  /** End it at its first byte of output. */
  readonly untilOutput?: boolean;
  /** Default 20 000. */
  readonly timeoutMs?: number;
}

/**
 * @throws Error when it cannot be started or does not end in time.
 */
export async function tool(
  command: string,
  args: readonly string[],
  { input = '', keepInputOpen = false, untilOutput = false, timeoutMs = 20_000 }: ToolOptions = {},
): Promise<Said> {
  const child = spawn(command, args, { stdio: 'pipe' });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} did not end in ${timeoutMs} ms: ${Buffer.concat(stderr)}`));
    }, timeoutMs);
    child.stdout.on('data', (bytes: Buffer) => {
      stdout.push(bytes);
      if (untilOutput) child.kill('SIGKILL');
    });
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(timer);
      resolve({
        exitCode: exitCode ?? undefined,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
    // A server that refuses us closes while we still write.
    child.stdin.on('error', () => undefined);
    if (keepInputOpen) child.stdin.write(input);
    else child.stdin.end(input);
  });
}
