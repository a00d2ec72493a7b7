/** One request of a connection and its response. */
import type { Duplex } from 'node:stream';
import {
  type BodyReader,
  type BodySource,
  chunkLine,
  dateNow,
  lastChunk,
  type ParsedHead,
  responseHead,
} from '@gatehouse/wire';
import { readBounded } from '../request-body.ts';
import type { EdgeResponse, Incoming, Outgoing, OutgoingListener } from '../seam.ts';

/** What an exchange does by its connection. */
export interface ExchangeHost {
  readonly peerAddress: string;
  readonly localPort: number;
  /** Over TLS. */
  readonly secure: boolean;
  readonly isDraining: () => boolean;
  /** @returns false: no more until the listener's `onDrain`. */
  send(text: string): boolean;
  /** As one piece: a text, bytes that are the caller's again, a text. */
  sendPiece(front: string, bytes: Uint8Array, back: string): boolean;
  /** The response is out. @param keepsAlive - another request may come. */
  done(keepsAlive: boolean): void;
  breakOff(): void;
  giveAway(): { readonly socket: Duplex; readonly head: Buffer };
  stallAfter(ms: number): void;
}

/** Both sides of an exchange in one object. */
export class Http1Exchange implements Incoming, Outgoing {
  readonly #host: ExchangeHost;
  readonly #head: ParsedHead;
  readonly #body: BodyReader | undefined;
  #pendingHead: string | undefined;
  #headSent = false;
  #chunked = false;
  #bodiless = false;
  #continued = false;
  #keepsAlive: boolean;
  #over = false;
  #broken = false;
  #gone: AbortController | undefined;
  listener: OutgoingListener | undefined;

  constructor(host: ExchangeHost, head: ParsedHead, body: BodyReader | undefined) {
    this.#host = host;
    this.#head = head;
    this.#body = body;
    this.#keepsAlive = head.keepsAlive;
  }

  get method(): string {
    return this.#head.method;
  }

  get target(): string {
    return this.#head.target;
  }

  get httpVersion(): string {
    return this.#head.httpVersion;
  }

  get rawHeaders(): readonly string[] {
    return this.#head.rawHeaders;
  }

  get peerAddress(): string {
    return this.#host.peerAddress;
  }

  get localPort(): number {
    return this.#host.localPort;
  }

  get secure(): boolean {
    return this.#host.secure;
  }

  get upgrading(): boolean {
    return this.#head.upgrades;
  }

  get hasBody(): boolean {
    return this.#head.framing !== 'none';
  }

  /** Whether a response has begun. */
  get headSent(): boolean {
    return this.#headSent;
  }

  get signal(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#broken) this.#gone.abort();
    return this.#gone.signal;
  }

  get body(): BodySource {
    return this.#body as BodyReader;
  }

  trailers(): readonly string[] {
    return this.#body?.trailers ?? [];
  }

  readBody(limitBytes: number): Promise<Uint8Array> {
    if (this.#body === undefined) return Promise.resolve(new Uint8Array());
    const { framing, lengthBytes: announced } = this.#head;
    const lengthBytes = framing === 'length' ? announced : undefined;
    const bounds = { limitBytes, lengthBytes, begunMs: performance.now() };
    return readBounded(this.#body, bounds);
  }

  respond({ status, headers, body = new Uint8Array() }: EdgeResponse): void {
    if (this.#over || this.#headSent) return;
    const pairs: string[] = [];
    for (const name in headers) {
      // `head` says it once, for whatever reason.
      if (name !== 'connection') pairs.push(name, headers[name] as string);
    }
    pairs.push('date', dateNow());
    if (!this.#isRead() || headers.connection === 'close') this.#keepsAlive = false;
    this.head(status, pairs, body.length);
    if (body.length > 0) this.write(body);
    this.end([]);
  }

  informational(status: number, headers: readonly string[]): void {
    if (this.#over || this.#headSent || this.#head.httpVersion === '1.0') return;
    if (status === 100) {
      if (this.#continued || !this.#head.expects || this.#isRead()) return;
      this.#continued = true;
    }
    const links = status === 103 ? onlyLinks(headers) : [];
    if (status === 103 && links.length === 0) return;
    this.#host.send(responseHead(status, links));
  }

  head(status: number, headers: string[], lengthBytes: number | undefined): void {
    if (this.#over) return;
    const { method, httpVersion } = this.#head;
    this.#headSent = true;
    this.#bodiless = method === 'HEAD' || status === 204 || status === 304;
    if (lengthBytes !== undefined) {
      if (status !== 204) headers.push('content-length', String(lengthBytes));
    } else if (!this.#bodiless) {
      this.#chunked = httpVersion === '1.1';
      if (this.#chunked) headers.push('transfer-encoding', 'chunked');
      else this.#keepsAlive = false;
    }
    if (this.#host.isDraining()) this.#keepsAlive = false;
    if (!this.#keepsAlive) headers.push('connection', 'close');
    this.#pendingHead = responseHead(status, headers);
    // With the first bytes of the body, if they are here; alone, if they are not.
    process.nextTick(flush, this);
  }

  write(chunk: Uint8Array): boolean {
    // A chunk of nothing would be the last one.
    if (this.#over || this.#bodiless || chunk.length === 0) return true;
    const head = this.#takeHead();
    if (!this.#chunked) return this.#host.sendPiece(head, chunk, '');
    return this.#host.sendPiece(head + chunkLine(chunk.length), chunk, '\r\n');
  }

  end(trailers: readonly string[]): void {
    if (this.#over) return;
    const last = this.#chunked ? lastChunk(trailers) : '';
    const text = this.#takeHead() + last;
    if (text !== '') this.#host.send(text);
    this.#over = true;
    this.listener?.onClosed(true);
    // A response before the whole request: nobody reads the rest of it.
    this.#host.done(this.#keepsAlive && this.#isRead());
  }

  abort(): void {
    if (!this.#over) this.#host.breakOff();
  }

  upgrade(headers: readonly string[]): { readonly socket: Duplex; readonly head: Buffer } {
    const own = ['connection', 'Upgrade', 'upgrade', 'websocket'];
    this.#host.send(responseHead(101, [...own, ...headers]));
    const given = this.#host.giveAway();
    given.socket.once('close', () => this.closed());
    return given;
  }

  stallAfter(ms: number): void {
    this.#host.stallAfter(ms);
  }

  /** For its connection: which is no more. */
  closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#broken = true;
    this.#body?.fail();
    this.#gone?.abort();
    this.listener?.onClosed(false);
  }

  /** For its connection: sends the head, where no body came with it. */
  flush(): void {
    const head = this.#over ? '' : this.#takeHead();
    if (head !== '') this.#host.send(head);
  }

  #takeHead(): string {
    const head = this.#pendingHead ?? '';
    this.#pendingHead = undefined;
    return head;
  }

  #isRead(): boolean {
    return this.#head.framing === 'none' || this.#body?.ended === true;
  }
}

function flush(exchange: Http1Exchange): void {
  exchange.flush();
}

function onlyLinks(headers: readonly string[]): readonly string[] {
  return headers.filter((_, index) => headers[index - (index % 2)]?.toLowerCase() === 'link');
}
