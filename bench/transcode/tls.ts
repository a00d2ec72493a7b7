import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The three files of a workload, for those who do without the chassis. */
export function readTls(folder: string) {
  const read = (name: string) => readFileSync(join(folder, name));
  return { key: read('key.pem'), chain: read('chain.pem'), bundle: read('bundle.pem') };
}
