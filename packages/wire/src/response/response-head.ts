/**
 * The head of an response: its status line, what its fields say about the body and the connection, and
 * which of them go on to the client.
 *
 * Source: RFC 9112, sections 4, 6.3 and 9.3; RFC 9110, sections 7.6.1, 8.6 and 15.
 */
import { MalformedError } from '../errors.ts';
import {
  endOfLine,
  endOfValue,
  INCOMPLETE,
  readFields,
  scanFields,
} from '../fields/field-lines.ts';

/** How the end of a body is found. `none`: there is no body. `tunnel`: the protocol was changed. */
export type Framing = 'none' | 'length' | 'chunked' | 'close' | 'tunnel';

/** What a head says. */
export interface ResponseHead {
  readonly status: number;
  /** Names and values in turn, without those that are for this connection only. */
  readonly headers: string[];
  readonly framing: Framing;
  /** As announced, also where none follows; undefined: unknown. */
  readonly bodyLength: number | undefined;
  /** Whether another request may follow on this connection, once the body has ended. */
  readonly keepsAlive: boolean;
  /** From `Keep-Alive: timeout=`. */
  readonly keepAliveMs: number | undefined;
}

/** What has to be known of the request to understand its response (RFC 9112, section 6.3). */
export interface Asked {
  readonly method: string;
  /** The protocol to change to, where a change was asked for. */
  readonly upgrade: string | undefined;
}

/** The head that was read, and the index behind it. */
export interface ReadResponse {
  readonly head: ResponseHead;
  readonly end: number;
}

const SP = 0x20;
const CR = 0x0d;
const VERSION = Buffer.from('HTTP/1.');
const STATUS_AT = 9;
const ZERO = 0x30;
const LENGTH = /^(?:0|[1-9][0-9]{0,15})$/;
const HINT = /(?:^|[ ,;])timeout=([0-9]{1,6})(?:$|[ ,;])/i;

/**
 * Reads a head.
 *
 * @returns INCOMPLETE as long as bytes are missing.
 * @throws MalformedError as soon as it cannot become a head, or its framing is not one of a kind.
 */
export function readResponseHead(
  bytes: Buffer,
  range: { readonly from: number; readonly to: number },
  asked: Asked,
): ReadResponse | typeof INCOMPLETE {
  const { from, to } = range;
  const fieldsAt = scanStatusLine(bytes, from, to);
  if (fieldsAt === INCOMPLETE) return INCOMPLETE;
  const end = scanFields(bytes, fieldsAt, to);
  if (end === INCOMPLETE) return INCOMPLETE;
  const fields = readFields(bytes.toString('latin1', fieldsAt, end), fieldsAt);
  const status = statusAt(bytes, from);
  const isOld = bytes[from + VERSION.length] === ZERO;
  return { head: understand(fields, { status, isOld, asked }), end };
}

function scanStatusLine(bytes: Buffer, from: number, to: number): number {
  for (let index = 0; index < VERSION.length && from + index < to; index += 1) {
    if (bytes[from + index] !== VERSION[index]) throw new MalformedError('not HTTP/1');
  }
  if (to - from < STATUS_AT + 4) return INCOMPLETE;
  const minor = (bytes[from + VERSION.length] as number) - ZERO;
  if ((minor !== 0 && minor !== 1) || bytes[from + STATUS_AT - 1] !== SP) {
    throw new MalformedError('not HTTP/1.0 or 1.1');
  }
  const status = statusAt(bytes, from);
  if (!(status >= 100 && status <= 599)) throw new MalformedError('not a status');
  const behind = from + STATUS_AT + 3;
  // The blank before a reason that is not there is often left out.
  if (bytes[behind] !== SP && bytes[behind] !== CR) throw new MalformedError('not a status line');
  return endOfLine(bytes, endOfValue(bytes, behind, to), to);
}

/** NaN where there are not three digits. */
function statusAt(bytes: Buffer, from: number): number {
  let status = 0;
  for (let index = from + STATUS_AT; index < from + STATUS_AT + 3; index += 1) {
    const digit = (bytes[index] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    status = status * 10 + digit;
  }
  return status;
}

/** What the fields say that are for this connection only. */
interface Notes {
  length: string | undefined;
  encoding: string | undefined;
  connection: string | undefined;
  upgrade: string | undefined;
  keepAlive: string | undefined;
}

interface Context {
  readonly status: number;
  readonly isOld: boolean;
  readonly asked: Asked;
}

function understand(fields: string[], context: Context): ResponseHead {
  const notes: Notes = {
    length: undefined,
    encoding: undefined,
    connection: undefined,
    upgrade: undefined,
    keepAlive: undefined,
  };
  let kept = 0;
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] as string;
    const value = fields[index + 1] as string;
    if (isForConnection(name) && note(notes, name.toLowerCase(), value)) continue;
    fields[kept] = name;
    fields[kept + 1] = value;
    kept += 2;
  }
  fields.length = kept;
  const options = optionsOf(notes.connection);
  const closes = context.isOld || options.includes('close');
  const bodyLength = lengthOf(notes);
  const hint = notes.keepAlive === undefined ? undefined : HINT.exec(notes.keepAlive)?.[1];
  return {
    status: context.status,
    headers: withoutNamed(fields, options),
    framing: framingOf({ ...context, notes, options, closes, bodyLength }),
    bodyLength: context.status === 204 ? 0 : bodyLength,
    keepsAlive: !closes,
    keepAliveMs: hint === undefined ? undefined : Number(hint) * 1000,
  };
}

const NO_OPTIONS: readonly string[] = [];
const KEEP_ALIVE: readonly string[] = ['keep-alive'];

function optionsOf(connection: string | undefined): readonly string[] {
  if (connection === undefined) return NO_OPTIONS;
  if (connection === 'keep-alive') return KEEP_ALIVE;
  return connection.toLowerCase().split(/[ \t]*,[ \t]*/);
}

/** Whether it can be one of those below. Most names are told apart by their length and first letter. */
function isForConnection(name: string): boolean {
  switch (name.length) {
    case 2:
    case 7:
    case 10:
    case 14:
    case 16:
    case 17:
    case 18:
    case 25:
      return 'ckptu'.includes(name.charAt(0).toLowerCase());
    default:
      return false;
  }
}

/** @returns false when it is an ordinary field after all. */
function note(notes: Notes, name: string, value: string): boolean {
  switch (name) {
    case 'content-length':
      if (notes.length !== undefined) throw new MalformedError('more than one Content-Length');
      notes.length = value;
      return true;
    case 'transfer-encoding':
      if (notes.encoding !== undefined) throw new MalformedError('more than one Transfer-Encoding');
      notes.encoding = value;
      return true;
    case 'connection':
      notes.connection = joined(notes.connection, value);
      return true;
    case 'upgrade':
      notes.upgrade = joined(notes.upgrade, value);
      return true;
    case 'keep-alive':
      notes.keepAlive = joined(notes.keepAlive, value);
      return true;
    case 'te':
    case 'proxy-connection':
    case 'proxy-authenticate':
    case 'proxy-authentication-info':
      return true;
    default:
      return false;
  }
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

function lengthOf({ length, encoding }: Notes): number | undefined {
  if (length === undefined) return undefined;
  if (encoding !== undefined) throw new MalformedError('Content-Length beside Transfer-Encoding');
  const bytes = LENGTH.test(length) ? Number(length) : Number.NaN;
  if (!Number.isSafeInteger(bytes)) throw new MalformedError('Content-Length is not a number');
  return bytes;
}

function framingOf(
  parts: Context & {
    readonly notes: Notes;
    readonly options: readonly string[];
    readonly closes: boolean;
    readonly bodyLength: number | undefined;
  },
): Framing {
  const { status, isOld, asked, notes, bodyLength } = parts;
  const { encoding } = notes;
  if (encoding !== undefined && (isOld || encoding.toLowerCase() !== 'chunked')) {
    throw new MalformedError('a Transfer-Encoding other than chunked');
  }
  if (status < 200 || status === 204) {
    if (encoding !== undefined || (bodyLength ?? 0) > 0) {
      throw new MalformedError('a body where there is none');
    }
    if (status !== 101) return 'none';
    checkUpgrade(parts.options, notes.upgrade, asked.upgrade);
    return 'tunnel';
  }
  if (status === 304 || asked.method === 'HEAD') return 'none';
  if (encoding !== undefined) return 'chunked';
  if (bodyLength !== undefined) return bodyLength === 0 ? 'none' : 'length';
  if (!parts.closes)
    throw new MalformedError('neither length nor chunks, on a connection that stays');
  return 'close';
}

function checkUpgrade(
  options: readonly string[],
  protocol: string | undefined,
  asked: string | undefined,
): void {
  const isAsked = asked !== undefined && protocol?.toLowerCase() === asked.toLowerCase();
  if (!isAsked || !options.includes('upgrade'))
    throw new MalformedError('an upgrade not asked for');
}

/** Takes out what `Connection` names beside the options that are no fields. */
function withoutNamed(fields: string[], options: readonly string[]): string[] {
  if (options.length === 0 || options === KEEP_ALIVE) return fields;
  const named = options.filter(
    (option) => option !== 'close' && option !== 'keep-alive' && option !== 'upgrade',
  );
  if (named.length === 0) return fields;
  return fields.filter((_, index) => {
    const name = fields[index - (index % 2)] as string;
    return !named.includes(name.toLowerCase());
  });
}
