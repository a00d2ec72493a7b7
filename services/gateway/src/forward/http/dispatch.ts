/** One request in flight: its attempts, its time-outs, and what its handler is told. */
import type { Duplex } from 'node:stream';
import type { Endpoint, RetryBudget } from '@gatehouse/balance';
import { toGatehouseError } from '@gatehouse/errors';
import { type ResponseHead, requestHead } from '@gatehouse/wire';
import { edgeErrors } from '../../errors.ts';
import { type Address, noteFault, noteStatus } from './address.ts';
import { Attempts } from './attempts.ts';
import type { Connection } from './connection.ts';
import { upstreamErrors } from './errors.ts';
import { busy, type Fault, type FaultKind } from './faults.ts';
import type { Waiter } from './pool.ts';
import type { Sweeper, Watched } from './sweeper.ts';
import type { Exchange, UpstreamHandler, UpstreamRequest } from './upstream-client.ts';

/** What a dispatch needs of its upstream. */
export interface DispatchHost {
  readonly sweeper: Sweeper;
  readonly budget: RetryBudget;
  /** Begins a call at an endpoint. @returns undefined when there is none that was not tried. */
  next(tried: ReadonlySet<Address> | undefined): Endpoint<Address> | undefined;
  /** The request has come to its end. */
  onDone(): void;
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const BLAMED: ReadonlySet<FaultKind> = new Set(['refused', 'lost', 'bad', 'cut']);
const CONTINUE_WAIT_MS = 1000;

type Phase = 'connecting' | 'asking' | 'sending' | 'awaiting' | 'responding' | 'done';

/**
 * Time-outs: `connectMs` for a connection, waiting included; `firstByteMs` from the request's end to
 * the response's head, and again with each interim response; `idleMs` while a body moves in either direction,
 * not counted while the handler takes no more; `totalMs` over all attempts.
 *
 * Handed on is handed on: a response, whatever its status, is never retried.
 */
export class Dispatch implements Exchange, Waiter, Watched {
  readonly request: UpstreamRequest;
  readonly safe: boolean;
  watchedAt = -1;
  head = '';
  wantsNew = false;
  readonly host: DispatchHost;
  readonly #handler: UpstreamHandler;
  readonly #attempts: Attempts;
  #phase: Phase = 'connecting';
  #endpoint: Endpoint<Address> | undefined;
  #connection: Connection | undefined;
  #handedOn = false;
  #headSeen = false;
  #paused = false;
  #startedMs = 0;
  #movedMs = 0;

  constructor(host: DispatchHost, request: UpstreamRequest, handler: UpstreamHandler) {
    this.host = host;
    this.request = request;
    this.#handler = handler;
    this.safe = SAFE.has(request.method);
    this.#attempts = new Attempts({ safe: this.safe, retries: request.retries }, host.budget);
  }

  /** To be called once. The handler may be called before it returns. */
  begin(): void {
    const { sweeper, budget } = this.host;
    sweeper.add(this);
    this.#startedMs = sweeper.nowMs;
    try {
      this.head = requestHead(this.request);
    } catch (thrown) {
      this.#end()?.onError(toGatehouseError(thrown), 'before-head');
      return;
    }
    budget.earn();
    const endpoint = this.host.next(undefined);
    if (endpoint !== undefined) this.#attempt(endpoint);
    else this.#end()?.onError(edgeErrors.UPSTREAM_AWAY({ retryAfterSeconds: 1 }), 'before-head');
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#touch();
    this.#connection?.resume();
  }

  abort(): void {
    if (this.#phase === 'done') return;
    this.#letGo();
    this.#settle();
    this.#end();
  }

  /** Ends it as if the upstream had gone away; the handler is told. */
  breakOff(): void {
    this.#handedOn = true;
    this.#breakOff({ kind: 'client', error: unreachable() });
  }

  onConnection(connection: Connection): void {
    this.#connection = connection;
    this.#touch();
    const { body, expectContinue } = this.request;
    if (body === undefined) this.#phase = 'awaiting';
    else this.#phase = expectContinue ? 'asking' : 'sending';
  }

  onMoved(): void {
    this.#touch();
  }

  onSent(): void {
    this.#touch();
    if (this.#phase === 'sending' || this.#phase === 'asking') this.#phase = 'awaiting';
  }

  onInformational({ status, headers }: ResponseHead): void {
    this.#touch();
    if (status === 100 && this.#phase === 'asking') this.#phase = 'sending';
    this.#handedOn = true;
    this.#handler.onInformational(status, headers);
  }

  onHead({ status, headers, bodyLength }: ResponseHead): void {
    this.#touch();
    this.#phase = 'responding';
    this.#handedOn = true;
    this.#headSeen = true;
    if (this.#endpoint !== undefined) noteStatus(this.#endpoint, status);
    this.#handler.onHead(status, headers, bodyLength);
  }

  onData(chunk: Buffer): boolean {
    this.#touch();
    if (!this.#handler.onData(chunk)) this.#paused = true;
    return !this.#paused;
  }

  onEnd(trailers: readonly string[]): void {
    this.#settle();
    this.#end()?.onEnd(trailers);
  }

  onUpgrade({ status, headers }: ResponseHead, socket: Duplex, rest: Buffer): void {
    if (this.#endpoint !== undefined) noteStatus(this.#endpoint, status);
    this.#settle();
    this.#end()?.onUpgrade(status, headers, socket, rest);
  }

  onFault(fault: Fault): void {
    const endpoint = this.#endpoint as Endpoint<Address>;
    const isTouched = this.#connection?.touchedBody === true;
    if (BLAMED.has(fault.kind)) noteFault(endpoint, fault.error);
    this.#settle();
    const next = this.#handedOn || isTouched ? undefined : this.#next(fault, endpoint);
    if (next !== undefined) this.#attempt(next);
    else this.#end()?.onError(fault.error, this.#headSeen ? 'after-head' : 'before-head');
  }

  onTick(nowMs: number): void {
    const { totalMs } = this.request.timeouts;
    if (totalMs !== undefined && nowMs - this.#startedMs >= totalMs) {
      // No other attempt would have the time.
      this.#handedOn = true;
      this.#breakOff({ kind: 'lost', error: upstreamErrors.UPSTREAM_TIMEOUT() });
    } else if (nowMs - this.#movedMs >= this.#limitMs()) {
      this.#onTooLate();
    }
  }

  /** @param endpoint - at which a call was begun for it. */
  #attempt(endpoint: Endpoint<Address>): void {
    this.#endpoint = endpoint;
    this.#connection = undefined;
    this.#phase = 'connecting';
    this.#touch();
    endpoint.target.pool.acquire(this);
  }

  #next(fault: Fault, endpoint: Endpoint<Address>): Endpoint<Address> | undefined {
    const retry = this.#attempts.after(fault, endpoint.target);
    if (retry === undefined) return undefined;
    this.wantsNew = retry === 'renewed';
    if (retry === 'renewed') {
      endpoint.begin();
      return endpoint;
    }
    const other = this.host.next(this.#attempts.tried);
    return other ?? (retry === 'anywhere' ? this.host.next(undefined) : undefined);
  }

  #limitMs(): number {
    const { timeouts } = this.request;
    switch (this.#phase) {
      case 'connecting':
        return timeouts.connectMs;
      case 'asking':
        return CONTINUE_WAIT_MS;
      case 'awaiting':
        return timeouts.firstByteMs;
      default:
        return timeouts.idleMs;
    }
  }

  #onTooLate(): void {
    if (this.#phase === 'asking') {
      this.#phase = 'sending';
      this.#touch();
      this.#connection?.sendBody();
    } else if (this.#phase === 'connecting') {
      const connects = this.#endpoint?.target.pool.connects === true;
      this.#breakOff(connects ? { kind: 'refused', error: unreachable() } : busy());
    } else if (this.#phase === 'sending' && this.#connection?.blocked === false) {
      this.#breakOff({ kind: 'client', error: edgeErrors.TIMEOUT() });
    } else if (!this.#paused) {
      const kind = this.#headSeen ? 'cut' : 'lost';
      this.#breakOff({ kind, error: upstreamErrors.UPSTREAM_TIMEOUT() });
    }
  }

  #breakOff(fault: Fault): void {
    this.#letGo();
    this.onFault(fault);
  }

  #letGo(): void {
    if (this.#connection === undefined) this.#endpoint?.target.pool.cancel(this);
    else this.#connection.destroy();
  }

  #touch(): void {
    this.#movedMs = this.host.sweeper.nowMs;
  }

  #settle(): void {
    this.#endpoint?.end();
    this.#endpoint = undefined;
  }

  /** @returns the handler, if it may still be told something. */
  #end(): UpstreamHandler | undefined {
    if (this.#phase === 'done') return undefined;
    this.#phase = 'done';
    this.#connection = undefined;
    this.host.sweeper.remove(this);
    this.host.onDone();
    return this.#handler;
  }
}

function unreachable(): Fault['error'] {
  return edgeErrors.UPSTREAM_AWAY({ retryAfterSeconds: 1 });
}
