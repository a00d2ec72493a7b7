import { readFileSync, statSync } from 'node:fs';

/** By a name that says what a file is. One that is undefined is not there, and has no content. */
type Paths = Readonly<Record<string, string | undefined>>;
type Contents<P extends Paths> = {
  readonly [Name in keyof P]: P[Name] extends string ? Buffer : Buffer | undefined;
};

/** Which files are followed, and what is made of them. */
export interface FollowedFilesOptions<P extends Paths, Value> {
  readonly paths: P;
  /** Throws when the contents cannot be used, or do not fit together. */
  readonly parse: (contents: Contents<P>) => Value;
  /** Told once for each reason why a new state is not used. */
  readonly onFailed?: (failure: Error) => void;
  /**
   * A change is used when two looks have found it, for files whose half would do. Default: at once, for
   * those whose half does not parse.
   */
  readonly settles?: boolean;
}

/** A file that cannot be read; its `cause` is what the system says. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  /** Its name among the paths. */
  readonly file: string;

  constructor(file: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : `${file} cannot be read`, { cause });
    this.file = file;
  }
}

/**
 * Files that belong together, such as a certificate and its key, read again when they change. What
 * cannot be read or used (half of it is written) is passed over until it can: `value` is always of the
 * last good state.
 *
 * They are followed by looking, since notices of changes are lost where an editor or Kubernetes swaps a
 * link or renames over a file. Most looks find the files as they were, and read nothing.
 *
 * @example
 * ```ts
 * import { createSecureContext } from 'node:tls';
 * import { FollowedFiles } from '@gatehouse/runtime';
 *
 * const files = new FollowedFiles({
 *   paths: { cert: '/etc/tls/tls.crt', key: '/etc/tls/tls.key' },
 *   parse: ({ cert, key }) => createSecureContext({ cert, key }),
 *   onFailed: (failure) => console.log(failure.message),
 * });
 * files.watch(5_000);
 * ```
 */
export class FollowedFiles<P extends Paths, Value> {
  readonly #options: FollowedFilesOptions<P, Value>;
  readonly #listeners = new Set<(value: Value) => void>();
  #contents: Contents<P>;
  #value: Value;
  #stamp: string;
  #unread = false;
  #failure: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @throws UnreadableFile, and what `parse` throws: the files must be right to begin with. */
  constructor(options: FollowedFilesOptions<P, Value>) {
    this.#options = options;
    // Taken before the read: what is written during it makes another stamp, and is read at the next look.
    this.#stamp = stampOf(options.paths);
    this.#contents = read(options.paths);
    this.#value = options.parse(this.#contents);
  }

  /** What was made of the last good state. */
  get value(): Value {
    return this.#value;
  }

  /** Why the files as they were read last are not used; undefined when they are. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Calls back with each new value. @returns how to stop that. */
  onChange(listener: (value: Value) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks whether a file was written or replaced, and reads them if so. @returns whether they are used. */
  look(): boolean {
    const stamp = stampOf(this.#options.paths);
    const isNew = stamp !== this.#stamp;
    this.#stamp = stamp;
    this.#unread ||= isNew;
    if (!this.#unread || (isNew && this.#options.settles === true)) return false;
    return this.reload();
  }

  /** Reads the files now. @returns whether new ones are used. */
  reload(): boolean {
    this.#unread = false;
    try {
      const contents = read(this.#options.paths);
      if (isSame(contents, this.#contents)) {
        this.#failure = undefined;
        return false;
      }
      this.#value = this.#options.parse(contents);
      this.#contents = contents;
      this.#failure = undefined;
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (failure.message !== this.#failure?.message) this.#options.onFailed?.(failure);
      this.#failure = failure;
      return false;
    }
    for (const listener of this.#listeners) listener(this.#value);
    return true;
  }

  /** Looks so often from now on; keeps no process alive. */
  watch(intervalMs: number): void {
    this.#timer ??= setInterval(() => this.look(), intervalMs).unref();
  }

  /** Looks no more, and calls nobody back. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }
}

function read<P extends Paths>(paths: P): Contents<P> {
  const contents = Object.entries(paths).map(([name, path]) => {
    try {
      return [name, path === undefined ? undefined : readFileSync(path)];
    } catch (cause) {
      throw new UnreadableFile(name, cause);
    }
  });
  return Object.fromEntries(contents);
}

function isSame(a: Contents<Paths>, b: Contents<Paths>): boolean {
  return Object.keys(a).every(
    (name) => Buffer.compare(a[name] ?? NOTHING, b[name] ?? NOTHING) === 0,
  );
}

const NOTHING = Buffer.alloc(0);

/** Changes with every write, rename and swapped link. */
function stampOf(paths: Paths): string {
  const stamps = Object.values(paths).map((path) => {
    if (path === undefined) return '';
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    } catch {
      return 'unreadable';
    }
  });
  return stamps.join('; ');
}
