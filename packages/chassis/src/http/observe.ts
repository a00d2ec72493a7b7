/** Spans, metrics and log lines of the requests of one listener. */
import { deadlineFrom, type Flow, markFailed, TIMEOUT_HEADER, withFlow } from '@gatehouse/client';
import { type GatehouseError, KINDS } from '@gatehouse/errors';
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
  type UpDownCounter,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Histogram, Series } from '../telemetry/histogram.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { peerOf } from './peer.ts';

const OBSERVED = Symbol('observed');

type Watched = FastifyRequest & { [OBSERVED]?: Observed };

interface Observed {
  readonly span: Span;
  readonly within: Context;
  /** How long the caller waits. No passport: nothing here has verified one. */
  readonly flow: Flow;
}

const BOUNDARIES = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5];

/** Watches requests from their head to the end of their response. */
export class Observer {
  readonly #telemetry: Telemetry;
  readonly #log: Logger;
  readonly #durations: Histogram;
  readonly #series = new Map<string, Series>();
  readonly #active: UpDownCounter;

  constructor(telemetry: Telemetry, log: Logger) {
    this.#telemetry = telemetry;
    this.#log = log;
    this.#durations = telemetry.histogram('http.server.request.duration', {
      unit: 's',
      description: 'Requests served, by method, route and status',
      boundaries: BOUNDARIES,
    });
    this.#active = telemetry.meter.createUpDownCounter('http.server.active_requests', {
      description: 'Requests that are being worked on',
    });
  }

  /** Call it before any other hook is added. */
  attach(app: FastifyInstance): void {
    // On the request itself: a table of them all, however weak, would keep garbage alive.
    app.addHook('onRequest', (request, reply, done) => {
      const observed = this.#begin(request);
      (request as Watched)[OBSERVED] = observed;
      const startedMs = performance.now();
      // Also after a client that went away.
      reply.raw.once('close', () => {
        this.#end(request, observed, { startedMs, status: reply.raw.statusCode });
      });
      withFlow(observed.flow, () => context.with(observed.within, done));
    });
    // Reading a body has left the context: the parser's events carry none.
    app.addHook('preHandler', (request, _reply, done) => {
      const { within = ROOT_CONTEXT, flow = {} } = observedOf(request) ?? {};
      withFlow(flow, () => context.with(within, done));
    });
  }

  /** Runs work as a part of a request, wherever its events have led. */
  within<Result>(request: FastifyRequest, work: () => Result): Result {
    return context.with(observedOf(request)?.within ?? ROOT_CONTEXT, work);
  }

  /** Says once what a request failed with: the whole error when the fault is ours, else its code. */
  failed(request: FastifyRequest, error: GatehouseError): void {
    const span = observedOf(request)?.span;
    const line = { route: routeOf(request), code: error.code };
    if (KINDS[error.kind].httpStatus === 500) {
      if (span !== undefined) markFailed(span, error);
      this.#log.error({ ...line, err: error }, 'a request failed');
      return;
    }
    span?.setAttribute('error.type', error.code);
    if (error.kind === 'UNAVAILABLE') {
      this.#log.warn({ ...line, err: error }, 'a request could not be served');
    } else if (error.kind === 'UNAUTHENTICATED' || error.kind === 'PERMISSION_DENIED') {
      const reason = error.cause instanceof Error ? error.cause.message : undefined;
      const who = { peer: peerOf(request), address: request.ip };
      this.#log.info({ ...line, reason, ...who }, 'a request was denied');
    } else this.#log.debug(line, 'a request was rejected');
  }

  #begin(request: FastifyRequest): Observed {
    const route = routeOf(request);
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const span = this.#telemetry.tracer.startSpan(
      `${request.method} ${route}`,
      {
        kind: SpanKind.SERVER,
        // Never the path itself: it names persons.
        attributes: { 'http.request.method': request.method, 'http.route': route },
      },
      parent,
    );
    this.#active.add(1);
    return { span, within: trace.setSpan(parent, span), flow: flowOf(request) };
  }

  #end(
    request: FastifyRequest,
    { span }: Observed,
    { startedMs, status }: { readonly startedMs: number; readonly status: number },
  ): void {
    span.setAttribute('http.response.status_code', status);
    span.end();
    this.#active.add(-1);
    this.#seriesOf(request.method, routeOf(request), status).record(
      (performance.now() - startedMs) / 1_000,
    );
  }

  #seriesOf(method: string, route: string, status: number): Series {
    const key = `${method} ${status} ${route}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = this.#durations.series({
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
    });
    this.#series.set(key, series);
    return series;
  }
}

function flowOf({ headers }: FastifyRequest): Flow {
  const deadlineMs = deadlineFrom(headers[TIMEOUT_HEADER]?.toString(), Date.now());
  return deadlineMs === undefined ? {} : { deadlineMs };
}

function observedOf(request: FastifyRequest): Observed | undefined {
  return (request as Watched)[OBSERVED];
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none';
}
