/**
 * Requests as the strictest reader there is would read them: what it takes, every reader takes, and
 * in the same way. An upstream that is given nothing else cannot be confused.
 *
 * Source: RFC 9112, sections 3 to 7, without each leniency that they allow.
 */

/** One request, with one reading. */
export interface StrictRequest {
  readonly method: string;
  readonly target: string;
  /** Names in lower case, and values, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

/** What could be read, and why not more. */
export interface StrictReading {
  readonly requests: readonly StrictRequest[];
  /** Bytes of a request that is not whole yet. */
  readonly rest: Buffer;
  /** That request, where its head is whole; without its body. */
  readonly half: StrictRequest | undefined;
  /** What a lenient reader may read in another way. Nothing is read after it. */
  readonly fault: string | undefined;
}

/** Reads all that came on one connection. */
export function readStrictly(bytes: Buffer): StrictReading {
  const requests: StrictRequest[] = [];
  let rest = bytes;
  try {
    for (;;) {
      const read = readOne(rest);
      if (read?.length === undefined) {
        return { requests, rest, half: read?.request, fault: undefined };
      }
      requests.push(read.request);
      rest = rest.subarray(read.length);
    }
  } catch (error) {
    if (!(error instanceof Ambiguous)) throw error;
    return { requests, rest, half: undefined, fault: error.message };
  }
}

class Ambiguous extends Error {}

const LINE = /^([A-Z]+) (\/[!-"$-[\]-~]*) HTTP\/1\.1$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t -~\x80-\xff]*)$/;
const MAX_HEAD = 64 * 1024;

/** Undefined: not even a head. A length that is undefined: a head, and a part of a body. */
function readOne(
  bytes: Buffer,
): { request: StrictRequest; length: number | undefined } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) {
    if (bytes.length > MAX_HEAD) throw new Ambiguous('a head without an end');
    return undefined;
  }
  const [line = '', ...fields] = linesOf(bytes.subarray(0, headEnd));
  const parts = LINE.exec(line);
  if (parts === null) throw new Ambiguous(`the request line ${JSON.stringify(line)}`);
  const headers = fields.map(readField);
  const hosts = headers.filter(([name]) => name === 'host');
  if (hosts.length !== 1) throw new Ambiguous(`${hosts.length} Host headers`);
  const start = headEnd + 4;
  const framed = readBody(bytes.subarray(start), headers);
  const [, method = '', target = ''] = parts;
  const { body = Buffer.alloc(0), trailers = [] } = framed ?? {};
  return {
    request: { method, target, headers, body, trailers },
    length: framed === undefined ? undefined : start + framed.length,
  };
}

function linesOf(head: Buffer): readonly string[] {
  const lines = head.toString('latin1').split('\r\n');
  for (const line of lines) {
    if (/[\r\n\0]/.test(line))
      throw new Ambiguous(`a bare CR, LF or NUL in ${JSON.stringify(line)}`);
  }
  return lines;
}

function readField(line: string): readonly [string, string] {
  const [, name, value] = FIELD.exec(line) ?? [];
  if (name === undefined || value === undefined) {
    throw new Ambiguous(`the header line ${JSON.stringify(line)}`);
  }
  return [name.toLowerCase(), value.trim()];
}

interface Framed {
  readonly body: Buffer;
  readonly trailers: StrictRequest['trailers'];
  readonly length: number;
}

function readBody(bytes: Buffer, headers: StrictRequest['headers']): Framed | undefined {
  const lengths = headers.filter(([name]) => name === 'content-length');
  const codings = headers.filter(([name]) => name === 'transfer-encoding');
  if (lengths.length + codings.length > 1) throw new Ambiguous('framed more than once');
  if (codings.length === 1) {
    if (codings[0]?.[1] !== 'chunked') throw new Ambiguous(`the coding ${codings[0]?.[1]}`);
    return readChunks(bytes);
  }
  const length = lengths[0]?.[1] ?? '0';
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(length)) throw new Ambiguous(`the length ${length}`);
  if (bytes.length < Number(length)) return undefined;
  return { body: bytes.subarray(0, Number(length)), trailers: [], length: Number(length) };
}

function readChunks(bytes: Buffer): Framed | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = bytes.subarray(at, lineEnd).toString('latin1');
    if (!/^(?:0|[1-9a-fA-F][0-9a-fA-F]{0,12})$/.test(size)) {
      throw new Ambiguous(`the chunk size ${JSON.stringify(size)}`);
    }
    const length = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (length === 0) return readTrailers(bytes, at, chunks);
    if (bytes.length < at + length + 2) return undefined;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
    if (bytes.subarray(at, at + 2).toString('latin1') !== '\r\n') {
      throw new Ambiguous('a chunk that does not end where it says');
    }
    at += 2;
  }
}

function readTrailers(bytes: Buffer, start: number, chunks: readonly Buffer[]): Framed | undefined {
  const body = Buffer.concat(chunks);
  if (bytes.subarray(start, start + 2).toString('latin1') === '\r\n') {
    return { body, trailers: [], length: start + 2 };
  }
  const end = bytes.indexOf('\r\n\r\n', start);
  if (end === -1) return undefined;
  const trailers = linesOf(bytes.subarray(start, end)).map(readField);
  return { body, trailers, length: end + 4 };
}
