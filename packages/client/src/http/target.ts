/** An HTTP service as it is called: by one policy over all of its endpoints. */
import { Balancer } from '@gatehouse/balance';
import { commonErrors, toGatehouseError } from '@gatehouse/errors';
import { type Context, context, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { clientErrors } from '../errors.ts';
import { currentPassport } from '../flow.ts';
import { deadlineOf, runCall } from '../policy/run.ts';
import { createTarget, type Target, type TargetOptions } from '../policy/target.ts';
import { markFailed } from '../span.ts';
import { createEndpoint, type HttpEndpoint, type HttpPeer } from './connections.ts';
import { exchange, type HttpBody } from './exchange.ts';
import { callerHeaders, headersOf } from './headers.ts';

/** Whether the passport of the call that is served goes with a call. */
export type PassportUse = 'never' | 'if there is one' | 'always';

/** A service that speaks HTTP. */
export interface HttpTargetOptions extends TargetOptions {
  /** For spans and errors: `extension`. */
  readonly name: string;
  /** Base URL of each endpoint: `http://127.0.0.1:8092`. */
  readonly addresses: readonly (string | URL)[];
  /** Mutual TLS to exactly one workload. Default: none; `https:` then goes by the system's authorities. */
  readonly peer?: HttpPeer;
  /**
   * Default: `if there is one` for a peer that proves who it is, else `never`, since a passport is for the
   * trust domain alone. `always` fails a call that has none before it leaves.
   */
  readonly passport?: PassportUse;
  /** Default 3,000. */
  readonly connectTimeoutMs?: number;
  /** Largest body of a response. Default 1 MiB. */
  readonly maxResponseBytes?: number;
  /** Default: the global one. */
  readonly tracer?: Tracer;
}

/** What one call may say. As `fetch` has it, and more. */
export interface HttpInit {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpBody;
  readonly signal?: AbortSignal;
  /** Milliseconds for the call with its retries. Default: the policy's 5,000. */
  readonly timeoutMs?: number;
  /** Makes a retry harmless, so that the call may be retried; sent as `Idempotency-Key`. */
  readonly idempotencyKey?: string;
  /** Default: that of the call that is being served. */
  readonly passport?: string;
}

/** An HTTP service that can be called. */
export interface HttpTarget {
  /**
   * Calls it. Redirects are not followed: the token is for this target alone.
   *
   * @param path - begins with one slash, percent-encoded as it is to be sent; may have a query.
   * @returns whatever the response is, 4xx and 5xx too, its body read.
   * @throws GatehouseError `common.unavailable`, `common.deadline`, `common.cancelled`, and those of `client`.
   * @throws TypeError when path, method or a header cannot be sent.
   */
  fetch(path: string, init?: HttpInit): Promise<Response>;
  /** Ends idle connections. */
  close(): void;
}

/**
 * Makes an HTTP service callable. Nothing is opened before the first call.
 *
 * @example
 * ```ts
 * import { createHttpTarget } from '@gatehouse/client';
 *
 * const shelf = createHttpTarget({
 *   name: 'shelf',
 *   addresses: ['http://10.0.0.5:8092', 'http://10.0.0.6:8092'],
 *   policy: { timeoutMs: 2_000 },
 * });
 * const response = await shelf.fetch('/books/42');
 * if (response.status === 404) console.log('no such book');
 * ```
 *
 * @throws TypeError when an address is no base URL that can be used.
 */
export function createHttpTarget(options: HttpTargetOptions): HttpTarget {
  return new CalledTarget(options);
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const METHOD = /^[A-Z]{1,20}$/;
const PATH = /^\/(?!\/)[!$-~]*$/;

class CalledTarget implements HttpTarget {
  readonly #options: HttpTargetOptions;
  readonly #passport: PassportUse;
  readonly #target: Target;
  readonly #balancer: Balancer<HttpEndpoint>;

  constructor(options: HttpTargetOptions) {
    this.#options = options;
    const ifProven = options.peer === undefined ? 'never' : 'if there is one';
    this.#passport = options.passport ?? ifProven;
    this.#target = createTarget(options);
    // Whether one is up is learnt by calling it.
    this.#balancer = new Balancer({
      clock: this.#target.clock,
      targets: options.addresses.map((address) => createEndpoint(address, options.peer)),
    });
  }

  async fetch(path: string, init: HttpInit = {}): Promise<Response> {
    const { method = 'GET' } = init;
    if (!PATH.test(path)) throw new TypeError('a path begins with one slash and is encoded');
    if (!METHOD.test(method)) throw new TypeError('a method is a word in upper case');
    const headers = callerHeaders(init.headers);
    const span = this.#spanOf(method);
    try {
      const within = trace.setSpan(context.active(), span);
      const response = await this.#call({ path, method, init, headers, within });
      noteStatus(span, response.status);
      return response;
    } catch (thrown) {
      const error = toGatehouseError(thrown);
      markFailed(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  close(): void {
    for (const { target } of this.#balancer.endpoints) target.close();
  }

  #spanOf(method: string): Span {
    const { name, tracer = trace.getTracer('@gatehouse/client') } = this.#options;
    // The path is left out: it may name a person.
    const attributes = { 'http.request.method': method, 'service.peer.name': name };
    return tracer.startSpan(`${method} ${name}`, { kind: SpanKind.CLIENT, attributes });
  }

  async #call({ path, method, init, headers, within }: Begun): Promise<Response> {
    const { body, signal, idempotencyKey } = init;
    if (signal?.aborted === true) throw commonErrors.CANCELLED();
    const passport = this.#passportFor(init);
    const { clock } = this.#target;
    const time = deadlineOf(this.#target, init.timeoutMs);
    const { connectTimeoutMs = 3_000, maxResponseBytes = 1024 * 1024 } = this.#options;
    const bounds = { time, signal, connectTimeoutMs, maxResponseBytes };
    return await runCall<HttpEndpoint, Response>(this.#target, {
      deadlineMs: time.deadlineMs,
      signal,
      isRetryable: SAFE.has(method) || idempotencyKey !== undefined,
      isReplayable: body === undefined || typeof body === 'string' || body instanceof Uint8Array,
      next: ({ tried }) => this.#balancer.next(tried),
      attempt: async (endpoint, token) => {
        const nowMs = clock.nowMs();
        const leftMs = time.deadlineMs - nowMs;
        const beside = { headers, token, passport, idempotencyKey, leftMs, within };
        const hasToken = token !== undefined;
        const sent = { method, path, body, headers: headersOf(beside), nowMs, hasToken };
        return await exchange(endpoint, { ...bounds, ...sent });
      },
    });
  }

  #passportFor(init: HttpInit): string | undefined {
    if (init.passport !== undefined) return init.passport;
    if (this.#passport === 'never') return undefined;
    const passport = currentPassport();
    if (passport === undefined && this.#passport === 'always') {
      const cause = new Error(`${this.#options.name} needs a passport`);
      throw clientErrors.PASSPORT_MISSING({ cause });
    }
    return passport;
  }
}

interface Begun {
  readonly path: string;
  readonly method: string;
  readonly init: HttpInit;
  readonly headers: Readonly<Record<string, string>>;
  readonly within: Context;
}

function noteStatus(span: Span, status: number): void {
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) markFailed(span, new Error(`status ${status}`));
}
