/** The body of a request on its way through, pushed as it comes in. */
import type { Readable } from 'node:stream';

/** Who takes a body. Nothing comes after `onEnd` and `onBroken`. */
export interface BodySink {
  /** @param bytes - the sink's own. @returns false: no more until it calls `resume`. */
  onPiece(bytes: Buffer): boolean;
  onEnd(): void;
  /** The rest will not come. */
  onBroken(cause?: Error): void;
}

/** Where a body comes from. */
export interface BodySource {
  /** Begins, or goes on with another sink. May call the sink before it returns. */
  flow(sink: BodySink): void;
  /** After `onPiece` returned false. */
  resume(): void;
  /** Tells the sink nothing more. What comes is kept for the next one, within bounds. */
  release(): void;
}

/** A body that node has as a stream: all but those of the fast receiver. */
export class StreamBody implements BodySource {
  readonly #stream: Readable;
  readonly #beforeFlow: (() => void) | undefined;
  #sink: BodySink | undefined;

  /** @param beforeFlow - called when somebody wants it. */
  constructor(stream: Readable, beforeFlow?: () => void) {
    this.#stream = stream;
    this.#beforeFlow = beforeFlow;
  }

  flow(sink: BodySink): void {
    const stream = this.#stream;
    this.#beforeFlow?.();
    if (stream.readableEnded) {
      sink.onEnd();
      return;
    }
    if (stream.destroyed) {
      sink.onBroken();
      return;
    }
    this.#sink = sink;
    // Whoever let go of a stream is not there when it breaks.
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onBroken);
    stream.on('close', this.#onBroken);
    // An attempt before this one may have left it paused.
    stream.resume();
  }

  resume(): void {
    if (this.#sink !== undefined) this.#stream.resume();
  }

  release(): void {
    if (this.#sink === undefined) return;
    this.#stream.pause();
    this.#leave();
  }

  #leave(): void {
    const stream = this.#stream;
    this.#sink = undefined;
    stream.off('data', this.#onData);
    stream.off('end', this.#onEnd);
    stream.off('error', this.#onBroken);
    stream.off('close', this.#onBroken);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#sink?.onPiece(chunk) === false) this.#stream.pause();
  };

  readonly #onEnd = (): void => {
    const sink = this.#sink;
    this.#leave();
    sink?.onEnd();
  };

  readonly #onBroken = (cause?: Error): void => {
    const sink = this.#sink;
    this.#leave();
    sink?.onBroken(cause);
  };
}

function ignore(): void {}

/** A body that may not be longer than so much, and does not say how long it is. */
export class BoundedBody implements BodySource, BodySink {
  readonly #source: BodySource;
  readonly #limitBytes: number;
  readonly #tooLarge: () => void;
  #sink: BodySink | undefined;
  #size = 0;

  /** @param tooLarge - called once when it is longer; nothing of the rest is passed on. */
  constructor(source: BodySource, limitBytes: number, tooLarge: () => void) {
    this.#source = source;
    this.#limitBytes = limitBytes;
    this.#tooLarge = tooLarge;
  }

  flow(sink: BodySink): void {
    this.#sink = sink;
    this.#source.flow(this);
  }

  resume(): void {
    this.#source.resume();
  }

  release(): void {
    this.#sink = undefined;
    this.#source.release();
  }

  onPiece(bytes: Buffer): boolean {
    this.#size += bytes.length;
    if (this.#size <= this.#limitBytes) return this.#sink?.onPiece(bytes) === true;
    this.release();
    this.#tooLarge();
    return false;
  }

  onEnd(): void {
    this.#sink?.onEnd();
  }

  onBroken(cause?: Error): void {
    this.#sink?.onBroken(cause);
  }
}
