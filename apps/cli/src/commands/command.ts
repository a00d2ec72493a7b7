/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Its flags, as the list shows them. */
  readonly flags: readonly (readonly [string, string])[];
  /** @returns the exit code. */
  run(args: readonly string[]): Promise<number>;
}
