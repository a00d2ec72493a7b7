/**
 * The head of a request, out of its bytes.
 *
 * Source: RFC 9112, sections 2 to 6. Stricter than it has to be: see `field-lines.ts`, whose scanner
 * this is too; the request line has one space between its parts; the framing has one reading.
 */
import { METHODS } from 'node:http';
import { wireErrors } from '../errors.ts';
import { INCOMPLETE, readFields, scanFields, TOO_MANY_FIELDS } from '../fields/field-lines.ts';
import { fieldName } from '../fields/field-names.ts';

/** A head that is whole. */
export interface ParsedHead {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  /** Index behind it. */
  readonly end: number;
  /** `broken`: it will be refused for its coding, and nobody can say where its body ends. */
  readonly framing: 'none' | 'length' | 'chunked' | 'broken';
  readonly lengthBytes: number;
  readonly expects: boolean;
  readonly upgrades: boolean;
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
}

/** What stands in place of a head where bytes were none. */
export const NO_REQUEST: ParsedHead = Object.freeze({
  method: '',
  target: '',
  httpVersion: '1.1',
  rawHeaders: [],
  end: 0,
  framing: 'broken',
  lengthBytes: 0,
  expects: false,
  upgrades: false,
  keepsAlive: false,
});

export const MAX_HEAD_BYTES = 16 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/;
const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);
const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * @returns undefined while bytes of it are missing.
 * @throws GatehouseError `gateway.framing`, `gateway.headers_too_large`; MalformedError for a line that
 * is none.
 */
export function parseHead(bytes: Buffer, from: number, to: number): ParsedHead | undefined {
  let start = from;
  // RFC 9112, section 2.2: empty lines in front of a request are passed over.
  while (start + 1 < to && bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  if (start - from > MAX_HEAD_BYTES) throw wireErrors.HEADERS_TOO_LARGE();
  const lineEnd = bytes.indexOf(LF, start);
  if (lineEnd === -1 || lineEnd >= to) return incomplete(bytes, start, to);
  const line = REQUEST_LINE.exec(bytes.toString('latin1', start, lineEnd - 1));
  if (line === null || bytes[lineEnd - 1] !== CR) throw wireErrors.FRAMING();
  const fieldsStart = lineEnd + 1;
  const end = endOfFields(bytes, fieldsStart, to);
  if (end === INCOMPLETE) return incomplete(bytes, start, to);
  if (end - start > MAX_HEAD_BYTES) throw wireErrors.HEADERS_TOO_LARGE();
  const rawHeaders = readFields(bytes.toString('latin1', fieldsStart, end), fieldsStart);
  const [, method = '', target = '', httpVersion = ''] = line;
  return {
    method,
    target,
    httpVersion,
    rawHeaders,
    end,
    ...framingOf(rawHeaders, httpVersion, method),
  };
}

function endOfFields(bytes: Buffer, from: number, to: number): number {
  try {
    return scanFields(bytes, from, to);
  } catch (fault) {
    if ((fault as Error).message === TOO_MANY_FIELDS) throw wireErrors.HEADERS_TOO_LARGE();
    throw fault;
  }
}

function incomplete(bytes: Buffer, start: number, to: number): undefined {
  if (to - start > MAX_HEAD_BYTES) throw wireErrors.HEADERS_TOO_LARGE();
  // A record of TLS, or another protocol: no letter of a method can follow.
  if (start < to && (bytes[start] as number) < 0x21 && bytes[start] !== CR) {
    throw wireErrors.FRAMING();
  }
  return undefined;
}

function framingOf(
  rawHeaders: readonly string[],
  httpVersion: string,
  method: string,
): Pick<ParsedHead, 'framing' | 'lengthBytes' | 'expects' | 'upgrades' | 'keepsAlive'> {
  let length: string | undefined;
  let coding: string | undefined;
  let connection = '';
  let expects = false;
  let upgrade = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] as string;
    switch (fieldName(rawHeaders[index] as string).fate) {
      case 'content-length':
        if (length !== undefined || !LENGTH.test(value)) throw wireErrors.FRAMING();
        length = value;
        break;
      case 'transfer-encoding':
        if (coding !== undefined) throw wireErrors.FRAMING();
        coding = value.toLowerCase();
        break;
      case 'connection':
        connection += `,${value.toLowerCase()}`;
        break;
      case 'expect':
        expects = true;
        break;
      case 'upgrade':
        upgrade = true;
        break;
      default:
    }
  }
  if (length !== undefined && coding !== undefined) throw wireErrors.FRAMING();
  const lengthBytes = length === undefined ? 0 : Number(length);
  const broken = coding !== undefined && (coding !== 'chunked' || httpVersion === '1.0');
  const upgrades = method === 'CONNECT' || (upgrade && hasOption(connection, 'upgrade'));
  // A made-up method may be the rest of a body that the client framed otherwise: nothing behind it is
  // looked at, as on the reference receiver.
  const closes = httpVersion === '1.0' || upgrades || broken || !KNOWN_METHODS.has(method);
  return {
    framing: broken
      ? 'broken'
      : coding !== undefined
        ? 'chunked'
        : lengthBytes > 0
          ? 'length'
          : 'none',
    lengthBytes,
    expects,
    upgrades,
    keepsAlive: !closes && (connection === '' || !hasOption(connection, 'close')),
  };
}

function hasOption(connection: string, option: string): boolean {
  return connection !== '' && connection.split(',').some((part) => part.trim() === option);
}
