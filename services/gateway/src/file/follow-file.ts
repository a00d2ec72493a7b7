/** A file that is read again when it changes, and takes effect only when all of it is right. */
import { FollowedFiles } from '@gatehouse/runtime';
import type { Reading } from './open-file.ts';
import type { Problem } from './problem.ts';

/** What is followed, and who is told. */
export interface FollowOptions<Value> {
  readonly path: string;
  readonly read: (text: string) => Reading<Value>;
  /** A new content is good. Where it throws, the content counts as bad. */
  readonly onGood: (value: Value) => void | Promise<void>;
  /** A new content is bad; the last good one stays in force. */
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
 * Follows a file. A new content is judged when two looks have found it: one that is half written is
 * passed over, also where the half would do. A missing file changes nothing.
 *
 * @param first - the content that is in force.
 * @throws Error when the file cannot be read to begin with.
 */
export function followFile<Value>(first: string, options: FollowOptions<Value>): FollowedFile {
  const { path, read, onGood, onBad, intervalMs = LOOK_MS } = options;
  let judged = first;
  let state: FileState = { problems: [] };
  // One after another: a second signal waits for the first.
  let working: Promise<void> = Promise.resolve();
  const file = new FollowedFiles({
    paths: { path },
    parse: ({ path: content }) => content.toString('utf8'),
    settles: true,
  });

  const bad = (message: Pick<FileState, 'problems'>, text: string): void => {
    state = message;
    onBad(message.problems, text);
  };
  const judge = async (text: string): Promise<void> => {
    judged = text;
    const reading = read(text);
    if (!reading.ok) {
      bad(reading, text);
      return;
    }
    try {
      await onGood(reading.value);
      state = { problems: [] };
    } catch (fault) {
      bad(problem(fault instanceof Error ? fault.message : 'It could not be used.'), text);
    }
  };
  const queued = (work: () => void | Promise<void>): Promise<void> => {
    working = working.then(work);
    return working;
  };
  const look = (): Promise<void> =>
    queued(async () => {
      file.look();
      // Also one that was written between its first reading and this one.
      if (file.value !== judged) await judge(file.value);
    });
  let timer: NodeJS.Timeout | undefined;
  return {
    look,
    reload: () =>
      queued(async () => {
        file.reload();
        if (file.failure !== undefined) bad(problem('The file cannot be read.'), '');
        else await judge(file.value);
      }),
    state: () => state,
    start: () => {
      timer ??= setInterval(() => void look(), intervalMs).unref();
    },
    close: () => {
      clearInterval(timer);
      file.close();
    },
  };
}

function problem(message: string): FileState {
  return { problems: [{ line: 1, column: 1, message }] };
}
