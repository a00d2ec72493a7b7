/** Reads the command line, runs the command, and says what went wrong in words that help. */
import { PlatformError } from '@gatehouse/platform';
import { findCommand } from './commands/index.ts';
import { UsageError } from './usage.ts';

// A terminal or pipe that is gone must not keep `up` from stopping what it started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

// Not by itself: the channel to bin/gatehouse.js would keep this process.
process.exit(await main(process.argv.slice(2)));

/** @returns the exit code: 0, 1 for a failure, 2 for a command line that makes no sense. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const { command, rest } = findCommand(args);
    return await command.run(rest);
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      console.error(thrown.message);
      return 2;
    }
    if (thrown instanceof PlatformError) {
      console.error(`\n${thrown.message}\n\n${indent(thrown.remedy)}`);
      return 1;
    }
    const denied = deniedPath(thrown);
    if (denied === undefined) throw thrown;
    console.error(
      `\n${denied} may not be read or written by this user.\n\n  It was probably made by another one (root?): use that one again, or another folder: --data DIR.`,
    );
    return 1;
  }
}

function deniedPath(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && 'path' in thrown)) return undefined;
  return thrown.code === 'EACCES' || thrown.code === 'EPERM' ? String(thrown.path) : undefined;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
