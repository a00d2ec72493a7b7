/**
 * `npm run check`: every static check, one line each. All of them run, even when one fails.
 *
 * The checks themselves are TypeScript, which the host's own Node may be too old to run.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 7)) {
  console.error('The checks need Node 24.7 or newer. `npm ci`, then `npm run check`, brings it.');
  process.exit(1);
}
const { runChecks } = await import('./checks/run.ts');
process.exitCode = await runChecks(process.argv.slice(2));
