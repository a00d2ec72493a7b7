/** The connection to one endpoint of a service: made when needed, and again when lost. */
import { type ClientHttp2Session, connect, type SecureClientSessionOptions } from 'node:http2';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { backOffMs } from '@gatehouse/runtime';
import type { Clock } from '@gatehouse/tokens';
import { type Exchange, exchange } from './exchange.ts';
import type { RawResponse } from './grpc-response.ts';
import { NotProcessed } from './not-processed.ts';

/** Where and how to connect. */
export interface UpstreamOptions {
  /** `host:port`. */
  readonly address: string;
  /** Asked for each new connection, so that renewed certificates are used. */
  readonly tls: () => ConnectionOptions;
  readonly clock: Clock;
  /** How often a PING asks whether the other side is still there. Default 10 s. */
  readonly pingIntervalMs?: number;
  /** How long the response to a PING may take before the connection is given up. Default 5 s. */
  readonly pingTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 3000;
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 5000;
const BACK_OFF = { firstMs: 100, maxMs: 500 };
const WINDOW_BYTES = 1024 * 1024;

/** One HTTP/2 connection over mutual TLS. */
export class Connection {
  readonly #options: UpstreamOptions;
  #session: ClientHttp2Session | undefined;
  #connecting: Promise<ClientHttp2Session> | undefined;
  readonly #open = new Set<ClientHttp2Session>();
  readonly #lastProcessed = new WeakMap<ClientHttp2Session, number>();
  #failures = 0;
  #retryAtMs = 0;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  /** Whether it is connected. */
  get up(): boolean {
    return this.#live() !== undefined;
  }

  /** Whether a request may be given to it: it is connected, or its time to try again has come. */
  get usable(): boolean {
    return this.up || this.#options.clock.nowMs() >= this.#retryAtMs;
  }

  /** Connects in the background where that is due, so that no request has to wait for it. */
  warm(): void {
    if (this.up || !this.usable || this.#connecting !== undefined) return;
    // Whoever needs it will see that it is not up.
    this.#opening().catch(() => undefined);
  }

  /**
   * Sends one request, connecting first where that is needed.
   *
   * @throws NotProcessed when the request may be sent again, here or elsewhere; else as `exchange`.
   */
  async send(request: Exchange): Promise<RawResponse> {
    const session = this.#live() ?? (await this.#connect(request.signal));
    request.signal.throwIfAborted();
    return exchange(session, request, () => this.#lastProcessed.get(session));
  }

  /** Lets streams in flight finish, then closes. */
  async close(): Promise<void> {
    this.#session = undefined;
    await Promise.all([...this.#open].map(closeSession));
  }

  #connect(signal: AbortSignal): Promise<ClientHttp2Session> {
    return raceAbort(this.#opening(), signal);
  }

  #opening(): Promise<ClientHttp2Session> {
    this.#connecting ??= this.#openSession().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** The session that takes new streams, if there is one. */
  #live(): ClientHttp2Session | undefined {
    const session = this.#session;
    if (session?.closed === true || session?.destroyed === true) this.#session = undefined;
    return this.#session;
  }

  #openSession(): Promise<ClientHttp2Session> {
    return new Promise((resolve, reject) => {
      const session = connect(`https://${this.#options.address}`, this.#sessionOptions());
      const timer = setTimeout(
        () => session.destroy(new Error('no connection in time')),
        CONNECT_TIMEOUT_MS,
      );
      let cause: unknown;
      session.on('error', (error) => {
        cause = error;
      });
      const onNeverConnected = (): void => {
        this.#backOff();
        reject(new NotProcessed('no connection', { cause }));
      };
      session.once('close', onNeverConnected);
      session.once('close', () => clearTimeout(timer));
      session.once('connect', () => {
        clearTimeout(timer);
        // One that is lost later is tried again at once.
        session.off('close', onNeverConnected);
        this.#failures = 0;
        this.#session = session;
        resolve(session);
      });
      this.#watch(session);
    });
  }

  #watch(session: ClientHttp2Session): void {
    this.#open.add(session);
    session.on('goaway', (_code, lastStreamId) => {
      this.#lastProcessed.set(session, lastStreamId);
      this.#forget(session);
    });
    const keepAlive = this.#keepAlive(session);
    session.once('close', () => {
      clearInterval(keepAlive);
      this.#open.delete(session);
      this.#forget(session);
    });
  }

  #sessionOptions(): SecureClientSessionOptions {
    const host = this.#options.address.replace(/:[0-9]+$/, '').replace(/^\[(.*)\]$/, '$1');
    return {
      ...this.#options.tls(),
      // SNI knows names only.
      ...(isIP(host) === 0 ? {} : { servername: '' }),
      ALPNProtocols: ['h2'],
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    };
  }

  #keepAlive(session: ClientHttp2Session): NodeJS.Timeout {
    const { pingIntervalMs = PING_INTERVAL_MS, pingTimeoutMs = PING_TIMEOUT_MS } = this.#options;
    return setInterval(() => {
      if (session.connecting || session.destroyed) return;
      const silent = (): void => session.destroy(new Error('no answer to PING'));
      const timer = setTimeout(silent, pingTimeoutMs).unref();
      session.ping(() => clearTimeout(timer));
    }, pingIntervalMs).unref();
  }

  #forget(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = undefined;
  }

  #backOff(): void {
    this.#failures += 1;
    this.#retryAtMs = this.#options.clock.nowMs() + backOffMs(this.#failures, BACK_OFF);
  }
}

function closeSession(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    // Its own callback is never called for a session that is closing already.
    session.once('close', resolve);
    if (session.connecting) session.destroy();
    else session.close();
  });
}

/** Waits for a shared promise for as long as one caller cares. */
function raceAbort<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
