/** What the program is told on its command line. */
import { parseArgs } from 'node:util';

/** What to do. */
export type Task =
  | { readonly kind: 'schema' }
  | { readonly kind: 'check' | 'run'; readonly path: string };

/** @throws TypeError for a command line that makes no sense. */
export function readTask(args: readonly string[]): Task {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      config: { type: 'string' },
      check: { type: 'boolean', default: false },
      schema: { type: 'boolean', default: false },
    },
  });
  if (values.schema) return { kind: 'schema' };
  if (values.config === undefined) throw new TypeError('--config FILE is missing');
  return { kind: values.check ? 'check' : 'run', path: values.config };
}
