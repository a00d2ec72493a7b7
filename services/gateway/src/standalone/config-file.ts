import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { filesBeside } from '../file/named-files.ts';
import type { Reading } from '../file/open-file.ts';
import { problemText } from '../file/problem.ts';
import { readStandaloneFile, type StandaloneFile } from '../file/read-file.ts';

/** The file of a standalone gateway. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly value: StandaloneFile;
  readonly read: (text: string) => Reading<StandaloneFile>;
}

/** @returns the file, or in words all that is wrong with it. */
export function openConfigFile(path: string): ConfigFile | string {
  const read: ConfigFile['read'] = (content) =>
    readStandaloneFile(content, filesBeside(dirname(path)));
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    return unreadable(path, cause);
  }
  const reading = read(text);
  if (reading.ok) return { path, text, read, value: reading.value };
  const { problems } = reading;
  const said = problems.map((problem) => problemText(problem, { name: path, text }));
  return `${said.join('\n')}\n\n${path}: ${problems.length} ${problems.length === 1 ? 'error' : 'errors'}. Nothing was started.`;
}

function unreadable(path: string, cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `${path} does not exist.`;
    case 'EISDIR':
      return `${path} is a folder.`;
    default:
      return `${path} cannot be read.`;
  }
}
