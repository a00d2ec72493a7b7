/** JSON whose numbers keep every digit: 64-bit integers do not survive as numbers of JavaScript. */

/** A number as it was written: `9223372036854775807`, `1.50`. */
export class ExactNumber {
  readonly text: string;

  /** @param text - a JSON number; not checked. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What a JSON text holds, its numbers as {@link ExactNumber}. */
export type ExactJson =
  | null
  | boolean
  | string
  | ExactNumber
  | readonly ExactJson[]
  | { readonly [member: string]: ExactJson | undefined };

// ECMAScript 2026; not in TypeScript's library yet.
interface ExactJsonApi {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): ExactJson;
}
const exact = JSON as unknown as ExactJsonApi;

/**
 * Parses a JSON text (RFC 8259).
 *
 * @throws SyntaxError when it is none, or an object has a member twice: parsers do not agree on which
 *   of the two counts.
 *
 * @example
 * ```ts
 * import { ExactNumber, parseExact } from '@gatehouse/chassis/http';
 *
 * const value = parseExact('9223372036854775807');
 * export const digits = value instanceof ExactNumber ? value.text : '';
 * ```
 */
export function parseExact(text: string): ExactJson {
  const value = exact.parse(text, (_key, member, { source }) =>
    typeof member === 'number' ? new ExactNumber(source ?? String(member)) : member,
  );
  assertMembersOnce(text);
  return value;
}

/**
 * The JSON text of a value; a bigint and an {@link ExactNumber} become numbers with all their digits.
 *
 * @example
 * ```ts
 * import { stringifyExact } from '@gatehouse/chassis/http';
 *
 * export const text = stringifyExact({ asset: 9_223_372_036_854_775_807n });
 * ```
 */
export function stringifyExact(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return exact.rawJSON(String(member));
    return member instanceof ExactNumber ? exact.rawJSON(member.text) : member;
  });
}

// The text is known to be JSON, so its tokens can be told by their first character.
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

function assertMembersOnce(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const members = open.at(-1);
      const name: string = JSON.parse(last);
      if (members?.has(name) === true) throw new SyntaxError('a member is there twice');
      members?.add(name);
    }
    last = token;
  }
}
