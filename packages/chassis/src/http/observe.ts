/** Spans, metrics and log lines of the requests of one listener. */
import { deadlineFrom, type Flow, TIMEOUT_HEADER, withFlow } from '@gatehouse/client';
import type { GatehouseError } from '@gatehouse/errors';
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
import type { Histogram } from '../telemetry/histogram.ts';
import { reportFailure } from '../telemetry/report-failure.ts';
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

  /** Says once what a request failed with. */
  failed(request: FastifyRequest, error: GatehouseError): void {
    reportFailure(error, {
      what: 'request',
      log: this.#log,
      span: observedOf(request)?.span,
      line: { route: routeOf(request) },
      who: () => ({ peer: peerOf(request), address: request.ip }),
    });
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
    const series = this.#durations.series({
      'http.request.method': request.method,
      'http.route': routeOf(request),
      'http.response.status_code': status,
    });
    series.record((performance.now() - startedMs) / 1_000);
  }
}

function flowOf({ headers }: FastifyRequest): Flow {
  return { deadlineMs: deadlineFrom(headers[TIMEOUT_HEADER]?.toString(), Date.now()) };
}

function observedOf(request: FastifyRequest): Observed | undefined {
  return (request as Watched)[OBSERVED];
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none';
}
