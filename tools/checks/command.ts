import { execFile } from 'node:child_process';

/** The folder of the whole project. Every path in the checks is relative to it. */
export const ROOT = new URL('../../', import.meta.url).pathname;

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a check says: its verdict, and what a person needs to see when it is not ok. */
export interface Verdict {
  readonly ok: boolean;
  /** Shown only when the check failed. */
  readonly output: string;
  /** A few words on the line of the check: what was counted. */
  readonly note?: string;
}

/** How a command ended. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what a command runs. */
export interface RunOptions {
  /** Default: the project's folder. */
  readonly cwd?: string;
  /** Variables on top of our own. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a command without a shell and without input.
 *
 * @returns also for a command that failed; a command that cannot be started has exit code 127.
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd = ROOT, env = {} }: RunOptions = {},
): Promise<CommandResult> {
  return await new Promise((resolve) => {
    const options = {
      cwd,
      // Commands of npm's packages run under the locked Node, whatever started us.
      env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`, ...env },
      maxBuffer: MAX_OUTPUT_BYTES,
      encoding: 'utf8' as const,
    };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      const missing = error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT';
      const exitCode = missing ? 127 : (child.exitCode ?? (error === null ? 0 : 1));
      resolve({ exitCode, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** Where npm put the command of a development dependency. */
export function bin(name: string): string {
  return `${ROOT}node_modules/.bin/${name}`;
}

/** A check that is one command: it is ok when the command is. */
export async function checkByCommand(name: string, args: readonly string[]): Promise<Verdict> {
  const { exitCode, stdout, stderr } = await run(bin(name), args);
  return { ok: exitCode === 0, output: `${stdout}${stderr}` };
}
