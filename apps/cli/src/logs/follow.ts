/** Reads the end of a log, and follows it. */
import { open, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Reads one file from its end onwards. */
export interface Follower {
  /** Emits the last `count` lines. */
  tail(count: number): Promise<void>;
  /** Emits each new line, until the signal aborts. */
  follow(stop: AbortSignal): Promise<void>;
}

const POLL_MS = 250;
/** How much of a log is searched for its last lines. */
const TAIL_BYTES = 4 * 1024 * 1024;

/**
 * Follows a file by its name. After a rotation the new file is read from its beginning.
 *
 * @param onLine - called with each whole line, without its line break.
 */
export function createFollower(path: string, onLine: (line: string) => void): Follower {
  let position = 0;
  let rest = '';
  const readNew = async () => {
    const { size } = await stat(path);
    if (size < position) {
      position = 0;
      rest = '';
    }
    const text = rest + (await readRange(path, position, size));
    position = size;
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
  return {
    tail: async (count) => {
      position = Math.max(0, (await stat(path)).size - TAIL_BYTES);
      const lines = await readNew();
      for (const line of count === 0 ? [] : lines.slice(-count)) onLine(line);
    },
    follow: async (stop) => {
      while (!stop.aborted) {
        for (const line of await readNew().catch(missingIsEmpty)) onLine(line);
        await delay(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
      }
    },
  };
}

async function readRange(path: string, from: number, to: number): Promise<string> {
  if (to <= from) return '';
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

// Between the two steps of a rotation.
function missingIsEmpty(thrown: unknown): readonly string[] {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return [];
  throw thrown;
}
