/** `gatehouse gateway`: the standalone gateway, by its file. */
import { publishedSchema } from '../file/schema.ts';
import { readTask } from './arguments.ts';
import { openConfigFile } from './config-file.ts';
import { checkedScreen } from './screen.ts';

const task = readTask(process.argv.slice(2));
if (task.kind === 'schema') {
  process.stdout.write(publishedSchema());
} else {
  const file = openConfigFile(task.path);
  if (typeof file === 'string') {
    process.stderr.write(`${file}\n`);
    process.exitCode = 1;
  } else if (task.kind === 'check') {
    process.stdout.write(checkedScreen(file));
  } else {
    // Only now all the rest, which a check can do without.
    const { runStandalone } = await import('./run.ts');
    await runStandalone(file);
  }
}
