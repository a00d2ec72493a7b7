/** Requests as bytes, for what no HTTP client would send; each on a connection of its own. */
import { connect, type Socket } from 'node:net';

export interface RawRequest {
  /** `POST /board/v1/posts`; sent as it is, in latin1. */
  readonly line: string;
  /** Beside Host, Connection and the body's length. */
  readonly headers?: readonly string[];
  readonly token?: string;
  readonly body?: string | Uint8Array;
  /** Sends the body in one chunk, its length not announced. */
  readonly chunked?: boolean;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Wire {
  readonly port: number;
  /** Of the loopback network, so that limits by address count this caller alone. */
  readonly localAddress: string;
}

// Above the longest time that a slow request is given.
const TIMEOUT_MS = 45_000;

/**
 * Sends one request and reads its answer.
 *
 * @throws Error when the connection ends without a whole answer.
 */
export function sendRaw(wire: Wire, request: RawRequest): Promise<RawAnswer> {
  return exchange(wire, (socket) => socket.write(bytesOf(request)));
}

/** Sends a text byte by byte, one each `everyMs`, until an answer comes. */
export function sendSlowly(wire: Wire, text: string, everyMs: number): Promise<RawAnswer> {
  return exchange(wire, (socket) => {
    let sent = 0;
    const timer = setInterval(() => {
      // At the end the last byte is due for ever: the request never becomes whole.
      if (sent < text.length - 1) socket.write(text.charAt(sent++));
    }, everyMs);
    socket.once('close', () => clearInterval(timer));
  });
}

/** The head of a request as text, with its empty line. */
export function headOf({ line, headers = [], token, body, chunked }: RawRequest): string {
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  return [
    `${line} HTTP/1.1`,
    'Host: edge',
    'Connection: close',
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === undefined
      ? []
      : [chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`]),
    ...headers,
    '\r\n',
  ].join('\r\n');
}

function bytesOf(request: RawRequest): Buffer {
  const body = Buffer.from(request.body ?? '');
  const head = Buffer.from(headOf(request), 'latin1');
  if (!request.chunked) return Buffer.concat([head, body]);
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  return Buffer.concat([head, size, body, Buffer.from('\r\n0\r\n\r\n')]);
}

function exchange(wire: Wire, send: (socket: Socket) => void): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { port, localAddress } = wire;
    const socket = connect({ port, localAddress, host: '127.0.0.1' }, () => send(socket));
    const chunks: Buffer[] = [];
    let fault: Error | undefined;
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => socket.end());
    // A server that has answered need not read the rest: the answer counts, not the reset.
    socket.on('error', (error) => {
      fault = error;
    });
    socket.on('close', () => {
      const answer = parse(Buffer.concat(chunks));
      if (answer === undefined) reject(new Error('no whole answer', { cause: fault }));
      else resolve(answer);
    });
  });
}

/** Answers of the edge have a length or no body. */
function parse(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  if (body.length < Number(headers.get('content-length') ?? 0)) return undefined;
  return { status: Number(first.split(' ')[1]), headers, text: body.toString() };
}
