/** Calls of the document as pages name them. */
import type { OpenApiDocument, Operation } from '../openapi/schema-types.ts';
import { type Fragment, type Html, html } from './html.ts';

/** One call of the edge. */
export interface Call {
  readonly path: string;
  /** In upper case. */
  readonly method: string;
  readonly operation: Operation;
}

/** The calls of a service, in the order of the document. */
export function callsOf({ paths }: OpenApiDocument, service: string): readonly Call[] {
  return Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs)
      .filter(([, { tags }]) => tags.includes(service))
      .map(([verb, operation]) => ({ path, method: verb.toUpperCase(), operation })),
  );
}

/** A path that may go on in the next line after each slash. */
export function breakable(path: string): Fragment {
  return path.split('/').map((part, index) => (index === 0 ? part : html`/<wbr>${part}`));
}

/** A method of HTTP in its colour. */
export function verb(name: string): Html {
  return html`<span class="verb ${name.toLowerCase()}">${name}</span>`;
}
