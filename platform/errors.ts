/**
 * A failure that a person can fix: what is wrong, and what to do about it. The command line shows
 * both and no stack.
 */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  /** What to do, as one or more sentences. */
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}
