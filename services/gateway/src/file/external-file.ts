import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import type { RouteSet } from '../route/route.ts';
import { filesBeside } from './named-files.ts';
import type { Reading } from './open-file.ts';
import { problemText } from './problem.ts';
import { readPlatformFile } from './read-file.ts';

const SETTING = 'GATEHOUSE_GATEWAY_FILE';

/**
 * Reads the file of a platform's gateway at its start.
 *
 * @throws ConfigError with all that is wrong with it.
 */
export function readExternalFile(path: string): {
  readonly text: string;
  readonly routes: RouteSet;
  readonly read: (text: string) => Reading<RouteSet>;
} {
  const files = filesBeside(dirname(path));
  const read = (text: string): Reading<RouteSet> =>
    readPlatformFile(text, { files, contracts: METHODS });
  const text = textOf(path);
  const reading = read(text);
  if (reading.ok) return { text, routes: reading.value, read };
  const said = reading.problems.map((problem) => problemText(problem, { name: path, text }));
  throw new ConfigError(SETTING, `names a file that is wrong:\n${said.join('\n')}`);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(SETTING, 'must be the path of a file that can be read');
  }
}
