/** Runs the command line, and reports what went wrong with what to do about it. */
import { CommanderError } from 'commander';
import { createProgram } from './commands/program.ts';
import { UsageError } from './usage.ts';

const EXIT_USAGE = 2;

// A terminal or pipe that is gone must not keep `up` from stopping what it started.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const args = process.argv.slice(2);
try {
  await createProgram().parseAsync(args.length === 0 ? ['help'] : args, { from: 'user' });
} catch (thrown) {
  process.exitCode = await report(thrown);
}
// Not by itself: the channel to bin/gatehouse.js would keep this process.
process.exit();

/** @returns the exit code: 0 for help, 1 for a failure, 2 for a command line that makes no sense. */
async function report(thrown: unknown): Promise<number> {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  if (thrown instanceof UsageError) {
    console.error(`error: ${thrown.message}`);
    return EXIT_USAGE;
  }
  const { PlatformError } = await import('@gatehouse/platform');
  if (thrown instanceof PlatformError) {
    console.error(`\n${thrown.message}\n\n${thrown.remedy.replaceAll(/^/gm, '  ')}`);
    return 1;
  }
  const path = deniedPath(thrown);
  if (path === undefined) throw thrown;
  console.error(
    `\nPermission denied: ${path}\n\n  Another user (root?) probably created it. Run as that user, or choose another folder: --data DIR.`,
  );
  return 1;
}

function deniedPath(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error && 'code' in thrown && 'path' in thrown)) return undefined;
  return thrown.code === 'EACCES' || thrown.code === 'EPERM' ? String(thrown.path) : undefined;
}
