/**
 * What several runs of `node --test` share, in a process of its own: `node world.ts MODULE`, where the
 * module has a `globalSetup` and a `globalTeardown` as `--test-global-setup` takes them.
 *
 * Says in one line of JSON which variables of the environment the set-up made. Ends, with the tear-down,
 * when its standard input does.
 */
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

interface World {
  globalSetup(): Promise<void>;
  globalTeardown(): Promise<void>;
}

const [path = ''] = process.argv.slice(2);
const { globalSetup, globalTeardown } = (await import(pathToFileURL(path).href)) as World;

const before = new Set(Object.keys(process.env));
await globalSetup();
const made = Object.entries(process.env).filter(([name]) => !before.has(name));
console.log(JSON.stringify(Object.fromEntries(made)));
process.stdin.resume();
await once(process.stdin, 'end');
await globalTeardown();
process.exit(0);
