import { execFile } from 'node:child_process';

/**
 * Runs a command to its end.
 *
 * @returns what it printed to its output.
 * @throws Error with all that it printed, when it fails.
 */
export function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { cwd, maxBuffer: 16_000_000 }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${command} ${args.join(' ')} failed:\n${out}${err}`));
    });
    child.stdin?.end();
  });
}
