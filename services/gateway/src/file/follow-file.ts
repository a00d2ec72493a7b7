/** A file that is read again when it changes, and takes effect only when all of it is right. */
import { readFileSync, statSync } from 'node:fs';
import type { Problem } from './problem.ts';
import type { Reading } from './read-routes.ts';

/** What is followed, and who is told. */
export interface FollowOptions<Value> {
  readonly path: string;
  readonly read: (text: string) => Reading<Value>;
  /** A new content is good. Where it throws, the content counts as bad. */
  readonly onGood: (value: Value) => void | Promise<void>;
  /** A new content is bad; the last good one goes on. */
  readonly onBad: (problems: readonly Problem[], text: string) => void;
  /** Between two looks. Default 500 ms. */
  readonly intervalMs?: number;
}

/** How the file stands. */
export interface FileState {
  /** Of what is there now. */
  readonly problems: readonly Problem[];
}

/** A file that is followed. */
export interface FollowedFile {
  /** Reads it now, whether or not it changed: for a signal. */
  reload(): Promise<void>;
  /** Looks for a change: what the timer does. */
  look(): Promise<void>;
  state(): FileState;
  start(): void;
  close(): void;
}

const LOOK_MS = 500;

/**
 * Follows a file by looking, since notices of changes are lost where an editor or Kubernetes swaps a
 * link or renames over it. A new content is taken up when two looks have found the same: one that is
 * half written is passed over, also where the half would do. A missing file changes nothing.
 *
 * @param first - the content that is in force.
 */
export function followFile<Value>(first: string, options: FollowOptions<Value>): FollowedFile {
  const { path, read, onGood, onBad, intervalMs = LOOK_MS } = options;
  let judged = first;
  let seen = first;
  let print = '';
  let state: FileState = { problems: [] };
  let timer: NodeJS.Timeout | undefined;
  // One after another: a second signal waits for the first.
  let working: Promise<void> = Promise.resolve();

  const bad = (problems: readonly Problem[], text: string): void => {
    state = { problems };
    onBad(problems, text);
  };
  const judge = async (text: string): Promise<void> => {
    judged = text;
    seen = text;
    const reading = read(text);
    if (!reading.ok) {
      bad(reading.problems, text);
      return;
    }
    try {
      await onGood(reading.value);
      state = { problems: [] };
    } catch (fault) {
      const message = fault instanceof Error ? fault.message : 'It could not be taken up.';
      bad([{ line: 1, column: 1, message }], text);
    }
  };
  const look = async (): Promise<void> => {
    const now = fingerprint(path);
    const changed = now !== print;
    print = now ?? '';
    if (now === undefined || (!changed && seen === judged)) return;
    const text = readText(path);
    if (text === undefined || text === judged) {
      seen = judged;
      return;
    }
    if (text === seen) await judge(text);
    else seen = text;
  };
  const queued = (work: () => Promise<void>): Promise<void> => {
    working = working.then(work);
    return working;
  };
  return {
    look: () => queued(look),
    reload: () =>
      queued(async () => {
        const text = readText(path);
        if (text === undefined)
          bad([{ line: 1, column: 1, message: 'The file cannot be read.' }], '');
        else await judge(text);
      }),
    state: () => state,
    start: () => {
      timer ??= setInterval(() => void queued(look), intervalMs).unref();
    },
    close: () => clearInterval(timer),
  };
}

/** Changes with every write, rename and swapped link. */
function fingerprint(path: string): string | undefined {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
