/** One request of HTTP/1 and its answer, on the objects of `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type BodySource, StreamBody } from '@gatehouse/wire';
import { linger, readBounded } from './request-body.ts';
import type { Answer, Incoming, Outgoing, OutgoingListener } from './seam.ts';

/** What an exchange asks of the receiver that it belongs to. */
export interface ReceiverState {
  readonly isDraining: () => boolean;
  /** Told of a connection that no server looks after any more. */
  readonly onUpgraded: (socket: Socket) => void;
}

/** What node's server found a request to be, by the event that it told it with. */
export interface RequestForm {
  /** The client waits for leave to send its body. */
  readonly expects?: boolean;
  /** It asks to upgrade; this came behind its head. */
  readonly upgradeHead?: Buffer;
}

/** Both sides of an exchange in one object: there is one for each request. */
export class Http1Exchange implements Incoming, Outgoing {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #receiver: ReceiverState;
  readonly #form: RequestForm;
  readonly #startedMs = performance.now();
  #gone: AbortController | undefined;
  #closed = false;
  #continued = false;
  #hasWholeHead = false;
  #hasBegun = false;
  listener: OutgoingListener | undefined;

  constructor(
    receiver: ReceiverState,
    [request, response]: readonly [IncomingMessage, ServerResponse],
    form: RequestForm,
  ) {
    this.#receiver = receiver;
    this.#request = request;
    this.#response = response;
    this.#form = form;
    response.on('close', () => this.#onClosed());
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get target(): string {
    return this.#request.url ?? '';
  }

  get httpVersion(): string {
    return this.#request.httpVersion;
  }

  get rawHeaders(): readonly string[] {
    return this.#request.rawHeaders;
  }

  get peerAddress(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  get secure(): boolean {
    return this.#request.socket instanceof TLSSocket;
  }

  get localPort(): number {
    return this.#request.socket.localPort ?? 0;
  }

  get upgrading(): boolean {
    return this.#form.upgradeHead !== undefined;
  }

  get hasBody(): boolean {
    return announcesBody(this.#request.rawHeaders);
  }

  // Made when it is asked for: most exchanges end without anyone asking.
  get signal(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#closed && !this.#response.writableFinished) this.#gone.abort();
    return this.#gone.signal;
  }

  get body(): BodySource {
    return new StreamBody(this.#request, () => this.#continue());
  }

  trailers(): readonly string[] {
    return this.#request.rawTrailers;
  }

  readBody(limitBytes: number): Promise<Uint8Array> {
    const announced = this.#request.headers['content-length'];
    const lengthBytes = announced === undefined ? undefined : Number(announced);
    const bounds = { limitBytes, lengthBytes, begunMs: this.#startedMs };
    return readBounded(this.body, bounds);
  }

  answer(answer: Answer): void {
    const response = this.#response;
    if (response.destroyed) return;
    const unread = !this.#isRead();
    if (unread || this.#receiver.isDraining()) response.shouldKeepAlive = false;
    const body = answer.body ?? new Uint8Array();
    if (answer.status !== 204) response.setHeader('content-length', body.length);
    response.writeHead(answer.status, answer.headers);
    // A client that waits for 100-continue has sent nothing that could be swallowed.
    if (!unread || this.#form.expects === true) {
      response.end(body);
      return;
    }
    response.write(body);
    response.flushHeaders();
    void linger(this.#request).then(() => response.end());
  }

  informational(status: number, headers: readonly string[]): void {
    const response = this.#response;
    if (this.httpVersion === '1.0' || response.headersSent || response.destroyed) return;
    if (status === 100) this.#continue();
    else if (status === 102) response.writeProcessing();
    else if (status === 103) writeEarlyHints(response, headers);
  }

  head(status: number, headers: string[], lengthBytes: number | undefined): void {
    const response = this.#response;
    if (lengthBytes !== undefined) headers.push('content-length', String(lengthBytes));
    if (this.#receiver.isDraining()) response.shouldKeepAlive = false;
    response.writeHead(status, headers);
    this.#hasWholeHead = true;
    // With what came in the same piece as the head, if anything did; else the client has it now.
    queueMicrotask(() => {
      if (!this.#hasBegun && !response.destroyed) response.flushHeaders();
    });
  }

  write(chunk: Uint8Array): boolean {
    const response = this.#response;
    this.#hasBegun = true;
    if (response.write(Buffer.from(chunk))) return true;
    response.once('drain', () => this.listener?.onDrain());
    return false;
  }

  end(trailers: readonly string[]): void {
    const response = this.#response;
    this.#hasBegun = true;
    if (trailers.length > 0 && response.chunkedEncoding) response.addTrailers(pairsOf(trailers));
    if (this.#isRead()) {
      response.end();
      return;
    }
    // The upstream answered before it had the whole body, and nobody reads the rest of it: the
    // connection cannot be used again.
    const { socket } = this.#request;
    response.end(() => void linger(this.#request).then(() => socket.destroySoon()));
  }

  abort(): void {
    const { socket } = this.#request;
    // To a client of HTTP/1.0 the end of the connection is the end of the answer: only a reset is not.
    if (this.#hasWholeHead && !this.secure) socket.resetAndDestroy();
    else socket.destroy();
  }

  upgrade(headers: readonly string[]): { readonly socket: Duplex; readonly head: Buffer } {
    const { socket } = this.#request;
    this.#response.detachSocket(socket);
    const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket'];
    for (let index = 0; index + 1 < headers.length; index += 2) {
      lines.push(`${headers[index]}: ${headers[index + 1]}`);
    }
    socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    socket.once('close', () => this.#onClosed());
    this.#receiver.onUpgraded(socket);
    return { socket, head: this.#form.upgradeHead ?? Buffer.alloc(0) };
  }

  stallAfter(ms: number): void {
    this.#request.socket.setTimeout(ms);
  }

  /** Node says that a request is complete a moment after it told of it, also of one without a body. */
  #isRead(): boolean {
    return this.#request.complete || !this.hasBody;
  }

  /** Lets a client send its body that waits for leave: once. */
  #continue(): void {
    if (this.#continued || this.#form.expects !== true || this.#request.complete) return;
    this.#continued = true;
    this.#response.writeContinue();
  }

  #onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    const finished = this.#response.writableFinished;
    if (!finished) this.#gone?.abort();
    this.listener?.onClosed(finished);
  }
}

/** `ServerResponse` on a socket that the parser has let go of: for upgrades and CONNECT. */
export function answerOn(socket: Socket, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
}

function writeEarlyHints(response: ServerResponse, headers: readonly string[]): void {
  const links: string[] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === 'link') links.push(headers[index + 1] as string);
  }
  try {
    if (links.length > 0) response.writeEarlyHints({ link: links });
  } catch {
    // A hint in a form that node does not send: the answer is right without it.
  }
}

function pairsOf(list: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < list.length; index += 2) {
    pairs.push([list[index] as string, list[index + 1] as string]);
  }
  return pairs;
}

function announcesBody(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (name === 'transfer-encoding') return true;
    if (name === 'content-length' && rawHeaders[index + 1] !== '0') return true;
  }
  return false;
}
