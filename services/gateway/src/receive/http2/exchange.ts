/** One stream of HTTP/2: a request and its response. */
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type BodySource, passedTrailers, StreamBody } from '@gatehouse/wire';
import { readBounded } from '../request-body.ts';
import type { EdgeResponse, Incoming, Outgoing, OutgoingListener } from '../seam.ts';

const STALL_TIMEOUT_MS = 60_000;

/** Both sides of an exchange in one object, as on HTTP/1. */
export class Http2Exchange implements Incoming, Outgoing {
  readonly #stream: ServerHttp2Stream;
  readonly #startedMs = performance.now();
  readonly method: string = '';
  readonly target: string = '';
  readonly httpVersion = '2.0';
  readonly rawHeaders: readonly string[];
  readonly peerAddress: string;
  readonly localPort: number;
  readonly secure = true;
  readonly upgrading = false;
  readonly hasBody: boolean;
  #trailers: readonly string[] = [];
  #responseTrailers: readonly string[] = [];
  #gone: AbortController | undefined;
  #ended = false;
  #continued = false;
  listener: OutgoingListener | undefined;

  constructor(session: ServerHttp2Session, stream: ServerHttp2Stream, raw: readonly string[]) {
    this.#stream = stream;
    const head = headOf(raw);
    this.method = head.method;
    this.target = head.path;
    this.rawHeaders = head.headers;
    this.peerAddress = session.socket.remoteAddress ?? '';
    this.localPort = session.socket.localPort ?? 0;
    this.hasBody = !stream.endAfterHeaders;
    stream.on('trailers', (_headers, _flags, rawTrailers) => {
      this.#trailers = passedTrailers(rawTrailers as unknown as readonly string[]);
    });
    stream.setTimeout(STALL_TIMEOUT_MS, () => this.abort());
    stream.on('drain', () => this.listener?.onDrain());
    stream.once('close', () => this.#onClosed());
  }

  get signal(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#stream.destroyed && !this.#isFinished()) this.#gone.abort();
    return this.#gone.signal;
  }

  get body(): BodySource {
    return new StreamBody(this.#stream, () => this.informational(100, []));
  }

  trailers(): readonly string[] {
    return this.#trailers;
  }

  readBody(limitBytes: number): Promise<Uint8Array> {
    const announced = this.#value('content-length');
    const lengthBytes = announced === undefined ? undefined : Number(announced);
    return readBounded(this.body, { limitBytes, lengthBytes, begunMs: this.#startedMs });
  }

  respond(response: EdgeResponse): void {
    if (!this.#canRespond()) return;
    const body = response.body ?? new Uint8Array();
    const length = response.status === 204 ? {} : { 'content-length': String(body.length) };
    const { connection, ...headers } = response.headers;
    this.#stream.respond({ ':status': response.status, ...headers, ...length });
    this.#stream.end(this.method === 'HEAD' ? undefined : body);
    if (connection === 'close') this.#stream.session?.close();
    this.#ended = true;
    this.#refuseTheRest();
  }

  informational(status: number, headers: readonly string[]): void {
    if (!this.#canRespond()) return;
    if (status === 100) {
      if (this.#continued || !this.#expectsContinue()) return;
      this.#continued = true;
    }
    const fields: Record<string, string | string[]> = {};
    if (status === 103) collect(fields, headers);
    this.#stream.additionalHeaders({ ':status': status, ...fields });
  }

  head(status: number, headers: string[], lengthBytes: number | undefined): void {
    if (!this.#canRespond()) return;
    if (lengthBytes !== undefined) headers.push('content-length', String(lengthBytes));
    const waitForTrailers = lengthBytes === undefined;
    if (waitForTrailers) this.#stream.once('wantTrailers', () => this.#sendTrailers());
    this.#stream.respond([':status', String(status), ...headers], { waitForTrailers });
  }

  write(chunk: Uint8Array): boolean {
    return this.#stream.write(Buffer.from(chunk));
  }

  end(trailers: readonly string[]): void {
    this.#responseTrailers = trailers;
    this.#ended = true;
    this.#stream.end();
    this.#refuseTheRest();
  }

  abort(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  upgrade(): { readonly socket: Duplex; readonly head: Buffer } {
    throw new Error('a stream of HTTP/2 is not upgraded');
  }

  stallAfter(ms: number): void {
    this.#stream.setTimeout(ms);
  }

  #canRespond(): boolean {
    return !this.#stream.destroyed && !this.#stream.closed && !this.#stream.headersSent;
  }

  #expectsContinue(): boolean {
    return this.hasBody && this.#value('expect') !== undefined;
  }

  #value(name: string): string | undefined {
    const index = this.rawHeaders.findIndex((text, at) => at % 2 === 0 && text === name);
    return index === -1 ? undefined : this.rawHeaders[index + 1];
  }

  #sendTrailers(): void {
    const fields: Record<string, string | string[]> = {};
    collect(fields, this.#responseTrailers);
    try {
      this.#stream.sendTrailers(fields);
    } catch {
      // Node refuses some names twice. Nobody waits for this call: thrown on, it would end the gateway.
      this.#stream.sendTrailers({});
    }
  }

  /** RFC 9113, section 8.1: a response that is complete may end a request that is not. */
  #refuseTheRest(): void {
    const stream = this.#stream;
    if (!this.hasBody || stream.readableEnded) return;
    stream.once('finish', () => {
      if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
    });
  }

  #isFinished(): boolean {
    return this.#ended && this.#stream.rstCode === constants.NGHTTP2_NO_ERROR;
  }

  #onClosed(): void {
    const finished = this.#isFinished();
    if (!finished) this.#gone?.abort();
    this.listener?.onClosed(finished);
  }
}

/**
 * The head as HTTP/1 would have it, for the one canonical reading of both. A Host that differs from
 * the authority stays beside it, and is refused there as a second one (RFC 9113, section 8.3.1).
 */
function headOf(raw: readonly string[]): { method: string; path: string; headers: string[] } {
  const head = { method: '', path: '', headers: [] as string[] };
  const cookies: string[] = [];
  let authority: string | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    if (name === ':method') head.method = value;
    else if (name === ':path') head.path = value;
    else if (name === ':authority') authority = value;
    // Section 8.2.3: one cookie may come in parts.
    else if (name === 'cookie') cookies.push(value);
    // Pseudo-header fields come first (section 8.3), so the authority is known.
    else if (!name.startsWith(':') && !(name === 'host' && value === authority)) {
      head.headers.push(name, value);
    }
  }
  if (authority !== undefined) head.headers.push('host', authority);
  if (cookies.length > 0) head.headers.push('cookie', cookies.join('; '));
  return head;
}

function collect(fields: Record<string, string | string[]>, list: readonly string[]): void {
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = (list[index] as string).toLowerCase();
    const value = list[index + 1] as string;
    const known = fields[name];
    fields[name] =
      known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
}
