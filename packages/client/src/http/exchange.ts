/** One HTTP request and its response, bounded in time and size, and what a failure says. */
import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { commonErrors, type GatehouseError } from '@gatehouse/errors';
import { clientErrors } from '../errors.ts';
import type { Attempt, Retry, TimeToGo } from '../policy/run.ts';
import type { HttpEndpoint } from './connections.ts';
import { responseFrom } from './response.ts';

/** What may be sent. Only text and bytes can be sent twice. */
export type HttpBody = string | Uint8Array | AsyncIterable<Uint8Array>;

/** One try of a request. */
export interface HttpTry {
  readonly method: string;
  /** Below the base path of the endpoint. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: HttpBody | undefined;
  readonly time: TimeToGo;
  readonly nowMs: number;
  readonly signal: AbortSignal | undefined;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  /** Whether a 401 is about a token of ours. */
  readonly hasToken: boolean;
}

/** Sends it to an endpoint. Never throws. */
export function exchange(endpoint: HttpEndpoint, one: HttpTry): Promise<Attempt<Response>> {
  return new Promise((resolve) => {
    try {
      new Exchange(endpoint, one, resolve).send();
    } catch (cause) {
      // A header that cannot be sent.
      resolve(failedWith(commonErrors.INTERNAL({ cause }), 'never', 'open'));
    }
  });
}

class Exchange {
  readonly #one: HttpTry;
  readonly #resolve: (attempt: Attempt<Response>) => void;
  readonly #request: ClientRequest;
  readonly #timers: NodeJS.Timeout[] = [];
  #isConnected = false;
  #isLate = false;
  #hasResponse = false;

  constructor(endpoint: HttpEndpoint, one: HttpTry, resolve: (attempt: Attempt<Response>) => void) {
    this.#one = one;
    this.#resolve = resolve;
    const request = endpoint.isSecure ? secureRequest : plainRequest;
    const { method, headers, body } = one;
    const lengthOf = typeof body === 'string' || body instanceof Uint8Array ? byteLength(body) : {};
    this.#request = request({
      ...endpoint.where,
      method,
      path: `${endpoint.basePath}${one.path}`,
      headers: { ...headers, ...lengthOf },
    });
  }

  send(): void {
    const { signal, time, nowMs, connectTimeoutMs, body } = this.#one;
    this.#request.once('socket', (socket: Socket) => this.#watch(socket));
    this.#request.once('response', (response: IncomingMessage) => void this.#read(response));
    this.#request.on('error', (error) => this.#settle(this.#failed(error)));
    this.#after(time.deadlineMs - nowMs, () => {
      this.#isLate = true;
      this.#request.destroy(new Error('the time for the call is over'));
    });
    this.#after(connectTimeoutMs, () => {
      if (!this.#isConnected) this.#request.destroy(new Error('it could not be connected to'));
    });
    signal?.addEventListener('abort', this.#cancel, { once: true });
    if (signal?.aborted === true) this.#cancel();
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
      this.#request.end(body);
    } else {
      // Its errors are those of the request.
      pipeline(body, this.#request, () => undefined);
    }
  }

  readonly #cancel = (): void => void this.#request.destroy(new Error('the caller cancelled'));

  #after(ms: number, run: () => void): void {
    this.#timers.push(setTimeout(run, Math.max(0, ms)).unref());
  }

  #watch(socket: Socket): void {
    const connected = (): void => {
      this.#isConnected = true;
    };
    if (this.#request.reusedSocket || !socket.connecting) connected();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
  }

  async #read(response: IncomingMessage): Promise<void> {
    this.#hasResponse = true;
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        length += chunk.length;
        // Leaving the loop ends the connection.
        if (length > this.#one.maxResponseBytes) break;
        chunks.push(chunk);
      }
      const isWhole = length <= this.#one.maxResponseBytes;
      this.#settle(isWhole ? responseOf(response, Buffer.concat(chunks), this.#one) : tooLarge());
    } catch (error) {
      this.#settle(this.#failed(error));
    }
  }

  #failed(cause: unknown): Attempt<Response> {
    const { signal, time } = this.#one;
    if (signal?.aborted === true) return failedWith(commonErrors.CANCELLED(), 'never', 'open');
    if (this.#isLate) {
      const outcome = time.isHurried ? 'open' : 'bad';
      return failedWith(commonErrors.DEADLINE({ cause }), 'never', outcome);
    }
    return failedWith(commonErrors.UNAVAILABLE({ cause }), this.#retryAfterLoss(), 'bad');
  }

  #retryAfterLoss(): Retry {
    if (!this.#isConnected) return 'elsewhere';
    const wasIdle = this.#request.reusedSocket && !this.#hasResponse;
    return wasIdle ? 'anywhere if safe' : 'elsewhere if safe';
  }

  #settle(attempt: Attempt<Response>): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#one.signal?.removeEventListener('abort', this.#cancel);
    this.#resolve(attempt);
  }
}

/** What says that an endpoint, or what is behind it, is unavailable: as UNAVAILABLE does in gRPC. */
const UNAVAILABLE: ReadonlySet<number> = new Set([502, 503, 504]);

function responseOf(
  response: IncomingMessage,
  body: Buffer,
  { hasToken }: HttpTry,
): Attempt<Response> {
  const status = response.statusCode ?? 0;
  const isUnavailable = UNAVAILABLE.has(status);
  const rejects = status === 401 && hasToken;
  return {
    outcome: isUnavailable ? 'bad' : 'good',
    retry: rejects ? 'with another token' : isUnavailable ? 'elsewhere if safe' : 'never',
    end: () => responseFrom(response, body),
  };
}

function tooLarge(): Attempt<never> {
  return failedWith(clientErrors.ANSWER_TOO_LARGE(), 'never', 'good');
}

function byteLength(body: string | Uint8Array): { readonly 'content-length': string } {
  return { 'content-length': String(Buffer.byteLength(body)) };
}

function failedWith(
  error: GatehouseError,
  retry: Retry,
  outcome: Attempt<never>['outcome'],
): Attempt<never> {
  const end = () => {
    throw error;
  };
  return { outcome, retry, end };
}
