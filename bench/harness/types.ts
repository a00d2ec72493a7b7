/** What a bench is. README.md says how to write one. */

/** One measurement of one subject. */
export interface Sample {
  /** How many operations were done. */
  readonly operations: number;
  /** What they cost the process under test, all its threads together. */
  readonly cpuSeconds: number;
  /** Other figures of the same round, by name with unit: `p99Ms`. */
  readonly extras?: Readonly<Record<string, number>>;
}

/** A subject that is up, warm, and waiting for its turn. */
export interface RunningSubject {
  /** One round: some tenths of a second of work. */
  round(): Promise<Sample>;
  close(): Promise<void>;
}

/** One of the things compared. */
export interface Subject {
  /** Unique in its bench: `rs256 cold: gatehouse`. */
  readonly name: string;
  /** Starts it on this core. */
  start(core: number): Promise<RunningSubject>;
}

/** What a comparison must show. */
export interface Goal {
  /** The subject that is ours. */
  readonly subject: string;
  readonly baseline: string;
  /** Least ratio of operations per CPU-second. */
  readonly atLeast: number;
  /** Enough by itself, whatever the ratio is: operations per CPU-second of the subject. */
  readonly orPerCpuSecond?: number;
}

/** What one of a subject's extras must be: at least this, at most that. */
export interface Limit {
  readonly subject: string;
  /** Name of the extra, with its unit: `p99Ms`. */
  readonly extra: string;
  /** A subject with the same extra: then the limit is one of the ratio, round by round. */
  readonly baseline?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What a bench that is a function is told from the command line. */
export interface BenchOptions {
  /** Seconds of each round, instead of its own. */
  readonly seconds?: number;
  /** A commit that is measured in the same rounds. */
  readonly beside?: string;
}

/** Subjects that are measured in one run, and what they must show. */
export interface Bench {
  readonly name: string;
  /** What is compared, and how, in a few sentences of Markdown. */
  readonly about: string;
  readonly subjects: readonly Subject[];
  readonly goals: readonly Goal[];
  readonly limits?: readonly Limit[];
  /** Rounds that count. Default 15. */
  readonly rounds?: number;
  /** Rounds before them that do not. Default 3. */
  readonly warmUpRounds?: number;
}
