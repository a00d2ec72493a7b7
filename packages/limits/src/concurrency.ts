/** Bounds how much of something a key has at a time, such as connections. */
export interface ConcurrencyLimit {
  /** Begins one. @returns false when the key has all that it may have; then nothing begins. */
  enter(key: string): boolean;
  /** One that was begun has ended. */
  leave(key: string): void;
}

/** Makes a limit of so many at a time for each key. It knows the keys that have one now, and no other. */
export function createConcurrencyLimit(most: number): ConcurrencyLimit {
  const counts = new Map<string, number>();
  return {
    enter: (key) => {
      const count = counts.get(key) ?? 0;
      if (count >= most) return false;
      counts.set(key, count + 1);
      return true;
    },
    leave: (key) => {
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    },
  };
}
