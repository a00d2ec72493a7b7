/** One connection to an upstream: requests one after the other, never two at a time. */
import { connect as connectPlain, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type GatehouseError, toGatehouseError } from '@gatehouse/errors';
import {
  MalformedError,
  type ResponseHead,
  ResponseParser,
  type ResponseSink,
} from '@gatehouse/wire';
import { edgeErrors } from '../../errors.ts';
import type { FaultKind } from './faults.ts';
import type { Job } from './job.ts';
import { Pieces, readBuffer } from './read-buffer.ts';
import { RequestSender, type SenderEvents } from './request-sender.ts';

/** Where a connection goes. */
export interface Target {
  readonly plain: TcpNetConnectOpts;
  /** Undefined: no TLS. */
  readonly tls: ConnectionOptions | undefined;
}

/** The pool that a connection is in. */
export interface ConnectionOwner {
  onReady(connection: Connection): void;
  /** It can take another request. */
  onFree(connection: Connection): void;
  /** It is no more; told once, also after `destroy`. */
  onGone(connection: Connection, cause: Error | undefined): void;
}

/** A connection that is made at once, and becomes ready, or is gone. */
export class Connection implements ResponseSink, SenderEvents {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #parser = new ResponseParser(this);
  readonly #pieces = new Pieces();
  #job: Job | undefined;
  #sender: RequestSender | undefined;
  #head: ResponseHead | undefined;
  #trailers: readonly string[] | undefined;
  #cause: Error | undefined;
  #written = false;
  #answered = false;
  #paused = false;
  #gone = false;
  /** For the pool: since when it is, or was last, idle, in the time of its sweeper; 0: new. */
  idleSinceMs = 0;
  /** The upstream's own word on how long it waits for the next request. */
  keepAliveHintMs: number | undefined;

  /** @param forUpgrade - its socket will be handed on, so it is read like any stream. */
  constructor(target: Target, owner: ConnectionOwner, forUpgrade: boolean) {
    this.#owner = owner;
    const onread = {
      buffer: readBuffer,
      callback: (length: number, buffer: Uint8Array) => this.#onBytes(buffer as Buffer, length),
    };
    const options = { ...target.plain, noDelay: true, ...(forUpgrade ? {} : { onread }) };
    const socket =
      target.tls === undefined
        ? connectPlain(options)
        : connectTls({ ...options, ...target.tls } as ConnectionOptions);
    this.#socket = socket;
    if (forUpgrade) socket.on('data', this.#onChunk);
    socket.once(target.tls === undefined ? 'connect' : 'secureConnect', this.#onReady);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEof);
    socket.on('close', this.#onClose);
  }

  /** Whether something was taken out of the request's body. */
  get touchedBody(): boolean {
    return this.#sender?.touched ?? false;
  }

  /** Whether the request's body waits for this socket, rather than for the client. */
  get blocked(): boolean {
    return this.#sender?.blocked ?? false;
  }

  /** Sends a request. @param careful - look first whether the other side has closed already. */
  run(job: Job, careful: boolean): void {
    this.#job = job;
    this.#sender = undefined;
    this.#head = undefined;
    this.#trailers = undefined;
    this.#written = false;
    this.#answered = false;
    this.#paused = false;
    if (!careful) this.#send(job);
    // An end that the kernel knows of is seen when the loop has gone round once more.
    else setImmediate(() => setImmediate(() => this.#job === job && this.#send(job)));
  }

  /** Sends the body that waits for the upstream's consent. */
  sendBody(): void {
    if (this.#sender?.waiting === true) this.#sender.start('');
  }

  /** After `onData` returned false. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Closes it at once; its job is told nothing more. */
  destroy(): void {
    this.#release();
    this.#leave();
  }

  onInformational(head: ResponseHead): void {
    if (head.status === 100) this.sendBody();
    this.#job?.onInformational(head);
  }

  onHead(head: ResponseHead): void {
    this.#head = head;
    // Who is told that a request is refused need not send the rest of it (RFC 9112, section 9.5).
    if (head.status >= 400) this.#sender?.stop();
    if (head.framing !== 'tunnel') this.#job?.onHead(head);
  }

  onPiece(start: number, end: number): void {
    this.#pieces.add(start, end);
  }

  onWhole(trailers: readonly string[]): void {
    this.#trailers = trailers;
  }

  onMoved(): void {
    this.#job?.onMoved();
  }

  onSent(): void {
    this.#job?.onSent();
  }

  onBadBody(error: GatehouseError): void {
    this.#fail('client', error);
  }

  #send(job: Job): void {
    const { request } = job;
    const socket = this.#socket;
    this.#parser.start(request);
    this.#written = true;
    if (request.body === undefined) {
      socket.write(job.head, 'latin1');
      job.onSent();
      return;
    }
    const sender = new RequestSender(socket, request, this);
    this.#sender = sender;
    if (request.expectContinue) socket.write(job.head, 'latin1');
    else sender.start(job.head);
  }

  readonly #onReady = (): void => {
    this.#owner.onReady(this);
  };

  readonly #onChunk = (chunk: Buffer): void => {
    if (!this.#onBytes(chunk, chunk.length)) this.#socket.pause();
  };

  /** @returns whether to go on reading. */
  #onBytes(bytes: Buffer, length: number): boolean {
    const job = this.#job;
    // Nobody asked for these, and they would be taken for the next answer.
    if (job === undefined || this.#parser.idle) {
      this.#onLost();
      return false;
    }
    this.#answered = true;
    try {
      const end = this.#parser.execute(bytes, length);
      // The handler may have ended it.
      if (this.#job !== job) return false;
      const chunk = this.#pieces.take(bytes);
      if (chunk !== undefined && !job.onData(chunk)) this.#paused = true;
      if (this.#job !== job) return false;
      if (this.#trailers !== undefined) this.#finish(job, bytes.subarray(end, length));
    } catch (thrown) {
      this.#onThrown(thrown);
      return false;
    }
    return !this.#paused;
  }

  #onThrown(thrown: unknown): void {
    if (!(thrown instanceof MalformedError)) this.#fail('client', toGatehouseError(thrown));
    else if (this.#head === undefined) this.#fail('bad', badResponse(thrown));
    else this.#fail('cut', badResponse(thrown));
  }

  #finish(job: Job, rest: Buffer): void {
    const head = this.#head as ResponseHead;
    const trailers = this.#trailers as readonly string[];
    if (head.framing === 'tunnel') {
      this.#handOver(job, head, rest);
      return;
    }
    const isClean = rest.length === 0 && (this.#sender?.sent ?? true);
    const reusable = isClean && head.keepsAlive && job.request.upgrade === undefined;
    this.#release();
    // An old object that points to young garbage keeps it.
    this.#sender = undefined;
    this.#head = undefined;
    this.#trailers = undefined;
    job.onEnd(trailers);
    if (!reusable || this.#gone) {
      this.#leave();
      return;
    }
    if (this.#paused) this.resume();
    this.keepAliveHintMs = head.keepAliveMs;
    this.#owner.onFree(this);
  }

  #handOver(job: Job, head: ResponseHead, rest: Buffer): void {
    const socket = this.#socket;
    socket.off('data', this.#onChunk);
    socket.off('end', this.#onEof);
    socket.off('error', this.#onError);
    socket.pause();
    this.#release();
    // Whoever has it now hears of its errors; that one came is all that is known here.
    socket.on('error', ignore);
    job.onUpgrade(head, socket, Buffer.from(rest));
  }

  #fail(kind: FaultKind, error: GatehouseError): void {
    const job = this.#job;
    const unsent = !this.#written;
    this.#release();
    this.#leave();
    job?.onFault({ kind, error, unsent });
  }

  /** Lets go of the job and of its body. */
  #release(): void {
    this.#job = undefined;
    this.#sender?.stop();
    this.#parser.stop();
  }

  #leave(): void {
    this.#socket.destroy();
    this.#tellGone();
  }

  #tellGone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#owner.onGone(this, this.#cause);
  }

  readonly #onError = (error: Error): void => {
    this.#cause = error;
    this.#onLost();
  };

  readonly #onEof = (): void => {
    const job = this.#job;
    if (job !== undefined && this.#head?.framing === 'close') {
      this.#parser.finish();
      if (this.#trailers !== undefined) this.#finish(job, EMPTY);
    }
    this.#onLost();
  };

  readonly #onClose = (): void => {
    this.#onLost();
  };

  #onLost(): void {
    if (this.#job === undefined) {
      this.#leave();
      return;
    }
    const error = edgeErrors.UPSTREAM_AWAY({ cause: this.#cause, retryAfterSeconds: 1 });
    if (this.#head !== undefined) this.#fail('cut', error);
    else if (!this.#answered && this.idleSinceMs > 0) this.#fail('stale', error);
    else this.#fail('lost', error);
  }
}

const EMPTY = Buffer.alloc(0);

function badResponse(cause: MalformedError): GatehouseError {
  return edgeErrors.UPSTREAM_ANSWER({ cause });
}

function ignore(): void {}
