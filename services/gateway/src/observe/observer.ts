/** What is seen of a request: a span, metrics, a line in the access log. */
import type { ServiceContext, Telemetry } from '@gatehouse/chassis';
import { TokenError } from '@gatehouse/tokens';
import { firstValue } from '@gatehouse/wire';
import {
  type Attributes,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { type Failure, isServerFault, problemResponse } from '../receive/problem.ts';
import type { EdgeResponse, Incoming } from '../receive/seam.ts';
import { createCounts } from './counts.ts';
import { edgeInstruments } from './instruments.ts';
import { newRecord, type RequestRecord } from './record.ts';

/** Watches requests, whatever kind of route they are for. */
export interface Observer {
  /** @param incoming - its trace context is linked to, and never continued. */
  begin(verb: string, address: string, incoming: Pick<Incoming, 'rawHeaders'>): RequestRecord;
  /** @param finished - false: the client was gone before the response was complete. */
  end(record: RequestRecord, finished: boolean): void;
  /** Counts and logs what never became a request. */
  wireFault(failure: Failure, address: string): EdgeResponse;
  /** Counts a connection that was closed as it came. */
  connectionRefused(limit: string): void;
}

type Log = ServiceContext['log'];

interface Ending {
  readonly status: number;
  readonly tookMs: number;
  readonly finished: boolean;
}

/** The status that is counted for a client that went away before its response was complete. */
const CLIENT_GONE = 499;
/** A client can make up methods; they must not become names. */
export const OTHER_VERB = '_OTHER';

/**
 * Makes the observer. Targets and bodies are never shown to it, nor headers but `traceparent`, so it
 * cannot show them.
 */
export function createObserver(parts: {
  readonly telemetry: Pick<Telemetry, 'tracer' | 'meter' | 'histogram' | 'exporting'>;
  readonly log: Log;
}): Observer {
  const { telemetry, log } = parts;
  const { tracer, exporting } = telemetry;
  const counts = createCounts(telemetry);
  const { refused } = edgeInstruments(telemetry);
  // Lines of ids and figures alone: nothing in them has to be looked for and taken out, which costs more
  // than all the rest of a line. Lines with an error belong in the log itself.
  const plainLog = log.child({}, { redact: [] });
  const finish = (record: RequestRecord, end: Ending): Attributes => {
    const attributes = counts.end(record, end.status, end.tookMs);
    logEnd(record.isFault ? log : plainLog, record, end);
    return attributes;
  };
  return {
    begin: (verb, address, incoming) => {
      counts.begin();
      // Without a collector a span would be made for nobody.
      const span = exporting ? startSpan(tracer, verb, incoming) : undefined;
      return newRecord({ verb, address }, span);
    },
    end: (record, finished) => {
      const status = record.status === 0 && !finished ? CLIENT_GONE : record.status;
      const tookMs = performance.now() - record.startedMs;
      const attributes = finish(record, { status, tookMs, finished });
      if (record.span !== undefined) endSpan(record.span, record, attributes);
    },
    connectionRefused: (limit) => refused.add(1, { limit }),
    wireFault: (failure, address) => {
      // No span is made of it, so that noise costs little: the id leads to the line in the log.
      counts.begin();
      const record = newRecord({ verb: OTHER_VERB, address }, undefined);
      const response = problemResponse(failure, record.traceId);
      noteFailure(record, failure, response);
      finish(record, { status: response.status, tookMs: 0, finished: true });
      return { ...response, headers: { ...response.headers, 'x-request-id': record.traceId } };
    },
  };
}

/** Records the failure that a response tells of. */
export function noteFailure(
  record: RequestRecord,
  { error }: Failure,
  response: EdgeResponse,
): void {
  record.code = error.code;
  record.cause = error;
  record.isFault = isServerFault(response.status);
  record.bytes = response.body?.length ?? 0;
}

function startSpan(
  tracer: Telemetry['tracer'],
  verb: string,
  incoming: Pick<Incoming, 'rawHeaders'>,
): Span {
  // Untrusted parents are not continued: whoever sends them could join the traces of others.
  const span = tracer.startSpan(verb, { kind: SpanKind.SERVER, root: true });
  const traceparent = firstValue(incoming.rawHeaders, 'traceparent');
  if (traceparent === undefined) return span;
  const link = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { traceparent }));
  if (link !== undefined && isSpanContextValid(link)) span.addLink({ context: link });
  return span;
}

function endSpan(span: Span, record: RequestRecord, counted: Attributes): void {
  const { route, methodId, subjectKind, subjectId, tokenScope, code } = record;
  const decision = record.decision ?? tokenFault(record.cause);
  if (route !== '') span.updateName(`${record.verb} ${route}`);
  const { 'http.route': _route, ...common } = counted;
  span.setAttributes({
    ...common,
    'client.address': record.address,
    ...(route === '' ? {} : { 'http.route': route }),
    ...(methodId === undefined ? {} : { 'rpc.method': methodId }),
    ...(decision === undefined ? {} : { 'gatehouse.decision': decision }),
    ...(subjectKind === undefined ? {} : { 'gatehouse.subject_kind': subjectKind }),
    ...(subjectId === undefined ? {} : { 'gatehouse.subject': subjectId }),
    ...(tokenScope === undefined ? {} : { 'gatehouse.token_scope': tokenScope }),
    ...(record.isPage ? { 'gatehouse.page': route } : {}),
    ...(code === undefined ? {} : { 'error.type': code }),
  });
  if (isServerFault(Number(counted['http.response.status_code']))) {
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
}

/** What was wrong with a token, as services say it of a passport. The client is not told. */
function tokenFault(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof TokenError ? `token_${cause.code}` : undefined;
}

function logEnd(log: Log, record: RequestRecord, { status, tookMs, finished }: Ending): void {
  // What a service responds is its own business, whatever the status.
  const level = !record.isFault ? 'info' : status === 500 ? 'error' : 'warn';
  if (!log.isLevelEnabled(level)) return;
  const { subjectKind, code } = record;
  const line = {
    traceId: record.traceId,
    verb: record.verb,
    route: record.route,
    status,
    ms: Math.round(tookMs * 10) / 10,
    address: record.address,
    ...(subjectKind === undefined ? {} : { subject: subjectKind }),
    bytes: record.bytes,
    ...(finished ? {} : { broken: true }),
    ...(code === undefined ? {} : { code }),
    ...(record.isFault ? { err: record.cause } : {}),
  };
  log[level](line, 'request');
}
