/** The result of one check of the doctor. */
export interface Finding {
  /** What was checked: `'node'`, `'ports'`. */
  readonly name: string;
  /** `doubtful`: it works, or may work. `wrong`: the platform will not start, or is not healthy. */
  readonly verdict: 'fine' | 'doubtful' | 'wrong';
  readonly says: string;
  /** What to do; undefined when the verdict is `fine`. */
  readonly remedy?: string;
}

export function fine(name: string, says: string): Finding {
  return { name, verdict: 'fine', says };
}

export function doubtful(name: string, says: string, remedy: string): Finding {
  return { name, verdict: 'doubtful', says, remedy };
}

export function wrong(name: string, says: string, remedy: string): Finding {
  return { name, verdict: 'wrong', says, remedy };
}
