/** What the platform knows of one process that it can start. */
export interface Part {
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  /** The file that Node runs, from the root of the clone. Absent: Postgres, which is no Node program. */
  readonly main?: string;
  /** Listener → port of the first replica. `grpc` makes it an upstream; `admin` serves /readyz. */
  readonly ports: Readonly<Record<string, number>>;
  /** Listener → distance to the next replica's port. A part without it runs once. */
  readonly steps?: Readonly<Record<string, number>>;
  readonly maxReplicas: number;
  /** Started when these are ready. All are stopped one by one, the last in the list first. */
  readonly needs: readonly string[];
  /** Has a database of its own: `gatehouse_<name>`, in DATABASE_URL. */
  readonly database?: boolean;
  /** Calls others with service tokens: it has a client of its name, with these scopes. */
  readonly clientScopes?: readonly string[];
  /** Settings beside those that every part gets (`commonEnv`); see `fillEnv` for what `{…}` stands for. */
  readonly env?: Readonly<Record<string, string>>;
  /** Stands before all others: listed last, and so stopped first. */
  readonly edge?: boolean;
}
