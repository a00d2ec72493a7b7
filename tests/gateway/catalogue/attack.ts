/** What an entry of the catalogue is, and the words that most of them are written in. */
import { SPOOF } from '../support/judge.ts';

/** The classes of the catalogue. */
export type Kind = (typeof KINDS)[number];

export const KINDS = [
  'smuggled requests',
  'confused paths',
  'confused hosts',
  'spoofed headers',
  'hop-by-hop headers',
  'smuggled answers',
  'confused decisions',
  'floods',
] as const;

/** What the gateway makes of it: nothing arrives; or what arrives has one reading, and was decided on. */
export type Outcome = 'refused' | 'neutralised';

interface About {
  /** As it was published: CVE, or GHSA where there is none. */
  readonly advisory: string;
  readonly product: string;
  readonly kind: Kind;
  /** What happened there, in a few words. */
  readonly what: string;
  readonly outcome: Outcome;
}

/** Bytes that a client sends over HTTP/1.1, each variant on a connection of its own. */
export interface WireAttack extends About {
  readonly wire: 'http/1.1';
  readonly variants: readonly string[];
  /** Whether the lenient proxy lets it through, which shows that the judge sees it. */
  readonly seen: boolean;
}

/** A header block as an HTTP/2 client sends it, pseudo-headers too, in order; and a body. */
export interface FrameRequest {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

/** A request that a client sends over HTTP/2, frame by frame. */
export interface FrameAttack extends About {
  readonly wire: 'http/2';
  readonly variants: readonly FrameRequest[];
}

/** Bytes that an upstream answers with. */
export interface AnswerAttack extends About {
  readonly wire: 'answer';
  readonly variants: readonly string[];
  /** What the client asked. Default: a plain GET. */
  readonly request?: string;
}

/** What takes more than one message: a test of this name, in published-checks.test.ts. */
export interface CheckedAttack extends About {
  readonly wire: 'test';
}

export type Attack = WireAttack | FrameAttack | AnswerAttack | CheckedAttack;

/** A request without a body. */
export function get(target: string, ...headers: readonly string[]): string {
  return `${[`GET ${target} HTTP/1.1`, 'Host: edge', ...headers].join('\r\n')}\r\n\r\n`;
}

/** A request with a body, whose framing is among the headers. */
export function post(headers: readonly string[], body: string): string {
  return `${['POST /public/a HTTP/1.1', 'Host: edge', ...headers].join('\r\n')}\r\n\r\n${body}`;
}

/** What smugglers want to get through: a request for what only administrators may see. */
export const SMUGGLED = `GET /admin/secret HTTP/1.1\r\nHost: edge\r\nX-Smuggled: ${SPOOF}\r\n\r\n`;
export const SMUGGLED_LENGTH = SMUGGLED.length;
/** The same as one chunk. */
export const SMUGGLED_CHUNK = `${SMUGGLED_LENGTH.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
/** A chunked body that is empty, and then a request. */
export const AFTER_CHUNKS = `0\r\n\r\n${SMUGGLED}`;

/** The fields of an HTTP/2 request. */
export function fields(
  changes: Readonly<Record<string, string>> = {},
  ...more: readonly (readonly [string, string])[]
): FrameRequest['fields'] {
  const pseudo = {
    ':method': 'GET',
    ':scheme': 'https',
    ':authority': 'edge',
    ':path': '/public/a',
    ...changes,
  };
  return [...Object.entries(pseudo), ...more];
}
