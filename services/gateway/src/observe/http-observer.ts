/** What is seen of a request on a foreign route: a span, metrics by the route's name, a log line. */
import { randomFillSync } from 'node:crypto';
import type { ServiceContext, Telemetry } from '@gatehouse/chassis';
import { firstValue } from '@gatehouse/wire';
import {
  type Attributes,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Incoming } from '../receive/seam.ts';
import { createCounts } from './counts.ts';
import { accessLog } from './observe.ts';

/** A request from its head to its end, as those see it who look at it later. */
export interface Sight {
  readonly traceId: string;
  /** What the upstream is told, so that its spans join ours. */
  readonly traceparent: string;
  readonly verb: string;
  readonly route: string;
  readonly address: string;
  readonly startedMs: number;
  readonly span: Span | undefined;
  status: number;
  bytes: number;
  decision?: string;
  subjectId?: string;
  /** Code of the error that was answered, or that broke the exchange off. */
  code?: string;
  /** What is logged of it when it is our fault. */
  fault?: unknown;
}

/** Watches requests on foreign routes. */
export interface HttpObserver {
  /** @param incoming - its trace context is linked to, and never continued. */
  begin(
    seen: Pick<Sight, 'verb' | 'route' | 'address'>,
    incoming: Pick<Incoming, 'rawHeaders'>,
  ): Sight;
  end(sight: Sight, finished: boolean): void;
}

/** The status that is counted for a client that went away before its answer was complete. */
const CLIENT_GONE = 499;
const SAMPLED = '01';
const NOT_SAMPLED = '00';

/** Makes the observer. Headers, targets and bodies are never shown to it. */
export function createHttpObserver(parts: {
  readonly telemetry: Pick<Telemetry, 'tracer' | 'meter' | 'histogram' | 'exporting'>;
  readonly log: ServiceContext['log'];
}): HttpObserver {
  const { telemetry, log } = parts;
  const { tracer, exporting } = telemetry;
  const counts = createCounts(telemetry);
  const plainLog = accessLog(log);
  return {
    begin: ({ verb, route, address }, incoming) => {
      counts.begin();
      // Without a collector a span would be made for nobody: its ids are all that is needed.
      const span = exporting ? startSpan(tracer, `${verb} ${route}`, incoming) : undefined;
      const { traceId, spanId } = span?.spanContext() ?? randomIds();
      const flags = span?.isRecording() === true ? SAMPLED : NOT_SAMPLED;
      const traceparent = `00-${traceId}-${spanId}-${flags}`;
      const startedMs = performance.now();
      return { traceId, traceparent, verb, route, address, startedMs, span, status: 0, bytes: 0 };
    },
    end: (sight, finished) => {
      const status = sight.status === 0 && !finished ? CLIENT_GONE : sight.status;
      const tookMs = performance.now() - sight.startedMs;
      const attributes = counts.end(sight, status, tookMs);
      if (sight.span !== undefined) endSpan(sight.span, sight, { status, attributes });
      logEnd({ log, plainLog }, sight, { status, tookMs, finished });
    },
  };
}

function startSpan(
  tracer: Telemetry['tracer'],
  name: string,
  incoming: Pick<Incoming, 'rawHeaders'>,
): Span {
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, root: true });
  const theirs = firstValue(incoming.rawHeaders, 'traceparent');
  if (theirs === undefined) return span;
  const context: Context = propagation.extract(ROOT_CONTEXT, { traceparent: theirs });
  const link = trace.getSpanContext(context);
  if (link !== undefined) span.addLink({ context: link });
  return span;
}

function endSpan(
  span: Span,
  sight: Sight,
  { status, attributes }: { readonly status: number; readonly attributes: Attributes },
): void {
  span.setAttributes({
    ...attributes,
    'client.address': sight.address,
    ...(sight.decision === undefined ? {} : { 'gatehouse.decision': sight.decision }),
    ...(sight.subjectId === undefined ? {} : { 'gatehouse.subject': sight.subjectId }),
    ...(sight.code === undefined ? {} : { 'error.type': sight.code }),
  });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function logEnd(
  logs: { readonly log: ServiceContext['log']; readonly plainLog: ServiceContext['log'] },
  sight: Sight,
  end: { readonly status: number; readonly tookMs: number; readonly finished: boolean },
): void {
  const { status, tookMs, finished } = end;
  // What an upstream answers is its own business, whatever the status.
  const level = sight.fault === undefined ? 'info' : status === 500 ? 'error' : 'warn';
  const log = level === 'info' ? logs.plainLog : logs.log;
  if (!log.isLevelEnabled(level)) return;
  const line = {
    traceId: sight.traceId,
    verb: sight.verb,
    route: sight.route,
    status,
    ms: Math.round(tookMs * 10) / 10,
    address: sight.address,
    bytes: sight.bytes,
    ...(finished ? {} : { broken: true }),
    ...(sight.code === undefined ? {} : { code: sight.code }),
    ...(sight.fault === undefined ? {} : { err: sight.fault }),
  };
  log[level](line, 'request');
}

const POOL_BYTES = 4096;
const IDS_BYTES = 24;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

/** As the W3C's Trace Context has them: 16 and 8 bytes. */
function randomIds(): { readonly traceId: string; readonly spanId: string } {
  if (used + IDS_BYTES > POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += IDS_BYTES;
  const ids = pool.toString('hex', used - IDS_BYTES, used);
  return { traceId: ids.slice(0, 32), spanId: ids.slice(32) };
}
