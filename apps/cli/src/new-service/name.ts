/** What a service may be called: its name is a package, a path, a database and an identity at once. */
import { UsageError } from '../usage.ts';

/** The forms of a name that the files of a service need. */
export interface ServiceName {
  /** `notes` */
  readonly name: string;
  /** `Notes`, as in `NotesService`. */
  readonly pascal: string;
}

/**
 * What a service speaks: `grpc` by a contract, through the gateway and to other services; `http` on a plain
 * listener of its own, to clients with a service token.
 */
export type ServiceKind = 'grpc' | 'http';

/** `gatehouse_<name>` is a role and a database; Postgres cuts names at 63 bytes. */
const MAX_LENGTH = 30;
const SHAPE = /^[a-z][a-z0-9]+$/;

/** Words that mean something else where a service's name stands, and what. */
const TAKEN: Readonly<Record<string, string>> = {
  access: 'the package of the access rules',
  buf: 'a package that every contract imports',
  common: 'the component of the errors that all share',
  docs: 'a path of the gateway',
  gatehouse: 'the root of every package',
  google: 'a package that every contract imports',
  msa: 'the path of the compatibility listeners',
  openapi: 'a path of the gateway',
  traces: 'a path of the gateway',
  wire: 'the component of the errors of the wire',
};

/**
 * Reads the name of a service that is to be made.
 *
 * @param existing - names of the parts there are.
 * @throws UsageError saying what a name must be, with one that would do where that is easy.
 */
export function serviceName(text: string, existing: readonly string[]): ServiceName {
  if (!SHAPE.test(text) || text.length > MAX_LENGTH) {
    throw new UsageError(
      `"${text}" cannot be the name of a service: it takes 2 to ${MAX_LENGTH} lower-case letters and digits, a letter first, since it becomes a package, a path and a database.${suggestion(text, existing)}`,
    );
  }
  const meaning = TAKEN[text];
  if (meaning !== undefined) {
    throw new UsageError(`"${text}" is ${meaning}. Choose another name.`);
  }
  if (existing.includes(text)) {
    throw new UsageError(`There is a part "${text}" already. Choose another name.`);
  }
  return { name: text, pascal: `${text.slice(0, 1).toUpperCase()}${text.slice(1)}` };
}

function suggestion(text: string, existing: readonly string[]): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replace(/^\d+/, '')
    .slice(0, MAX_LENGTH);
  const usable = SHAPE.test(plain) && !existing.includes(plain) && TAKEN[plain] === undefined;
  return usable ? ` For example: ${plain}.` : '';
}
