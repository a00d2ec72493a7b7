/** What is seen of a request: a span, a line in the access log, metrics. */
import { randomBytes } from 'node:crypto';
import type { ServiceContext, Telemetry } from '@gatehouse/chassis';
import { TokenError } from '@gatehouse/tokens';
import {
  type Attributes,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { type Failure, failureOf, problemAnswer } from '../receive/problem.ts';
import type { Answer } from '../receive/seam.ts';

/** What the stages find out about a request, for those who look at it later. */
export interface Trail {
  /** Of the request; a new trace begins at the edge. */
  readonly traceId: string;
  verb: string;
  /** `/board/v1/posts/{post_id}`; absent while the path is not known to be one of ours. */
  template?: string;
  address: string;
  /** Id of the method in its contract. */
  methodId?: string;
  /** What the rule said: `allow`, or the reason of the refusal. */
  decision?: string;
  subjectKind?: string;
  /** Whom the passport speaks for: an id, never a name. */
  subjectId?: string;
  /** What the access token has, space-separated. */
  tokenScope?: string;
  /** The route of a page of the edge's own, which leaves no trace in the trace view. */
  page?: string;
  /** What its answer carries besides, a refusal too. */
  headers?: Readonly<Record<string, string>>;
}

/** Runs requests and watches them. */
export interface Observer {
  /** Never rejects: what `work` throws becomes its answer. */
  observe(verb: string, work: (trail: Trail) => Promise<Answer>): Promise<Answer>;
  /** Counts and logs what never became a request. */
  wireFault(failure: Failure, address: string): Answer;
  /** Counts a connection that was closed as it came. */
  connectionRefused(limit: string): void;
}

// Seconds, as OpenTelemetry's semantic conventions advise for HTTP servers.
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const VERBS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/**
 * The log of requests. Its lines are made of ids and figures alone, so nothing is looked for in them
 * that would have to be taken out, which costs more than all the rest of a line. Lines with an error
 * belong in the log itself.
 */
export function accessLog(log: ServiceContext['log']): ServiceContext['log'] {
  return log.child({}, { redact: [] });
}

/** What is counted at the edge, on every way through it. Asking twice gives the same ones. */
export function edgeInstruments({ meter, histogram }: Pick<Telemetry, 'meter' | 'histogram'>) {
  return {
    requests: meter.createCounter('gatehouse.edge.requests', {
      description: 'Requests answered at the edge',
    }),
    durations: histogram('http.server.request.duration', {
      unit: 's',
      description: 'Time from a request’s head to its answer',
      boundaries: BUCKETS,
    }),
    refused: meter.createCounter('gatehouse.edge.connections.refused', {
      description: 'Connections that were over a limit',
    }),
    active: meter.createUpDownCounter('http.server.active_requests', {
      description: 'Requests that are being worked on',
    }),
  };
}

/** Makes the observer. It never sees headers, queries or bodies, so it cannot show them. */
export function createObserver(parts: {
  readonly telemetry: Pick<Telemetry, 'tracer' | 'meter' | 'histogram'>;
  readonly log: ServiceContext['log'];
}): Observer {
  const { telemetry, log } = parts;
  const plainLog = accessLog(log);
  const { requests, durations, refused, active } = edgeInstruments(telemetry);
  const finish = (end: Ending): void => {
    const attributes = metricAttributes(end);
    requests.add(1, attributes);
    durations.series(attributes).record(end.tookMs / 1000);
    logAnswer({ log, plainLog }, end);
  };
  return {
    observe: async (verb, work) => {
      const startedMs = performance.now();
      active.add(1);
      // Untrusted parents are not continued: whoever sends them could join the traces of others.
      const span = telemetry.tracer.startSpan(spanName(verb), {
        kind: SpanKind.SERVER,
        root: true,
      });
      return context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
        const trail: Trail = {
          traceId: span.spanContext().traceId,
          verb: spanName(verb),
          address: '',
        };
        const { answer, failure } = await answerOf(work, trail);
        active.add(-1);
        finish({ trail, answer, failure, tookMs: performance.now() - startedMs });
        endSpan(span, trail, { answer, failure });
        return withRequestId(answer, trail);
      });
    },
    connectionRefused: (limit) => refused.add(1, { limit }),
    wireFault: (failure, address) => {
      // No span is made of it, so that noise costs little: the id leads to the line in the log.
      const traceId = randomBytes(16).toString('hex');
      const trail: Trail = { traceId, verb: spanName(''), address };
      const answer = problemAnswer(failure, traceId);
      finish({ trail, answer, failure, tookMs: 0 });
      return withRequestId(answer, trail);
    },
  };
}

/** Records the trace that the client says it is in, without joining it. */
export function linkClientTrace(traceparent: string | undefined): void {
  if (traceparent === undefined) return;
  const theirs = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, { traceparent }));
  if (theirs === undefined || !isSpanContextValid(theirs)) return;
  trace.getActiveSpan()?.addLink({ context: theirs });
}

interface Outcome {
  readonly answer: Answer;
  readonly failure: Failure | undefined;
}

interface Ending extends Outcome {
  readonly trail: Trail;
  readonly tookMs: number;
}

async function answerOf(work: (trail: Trail) => Promise<Answer>, trail: Trail): Promise<Outcome> {
  try {
    return { answer: await work(trail), failure: undefined };
  } catch (thrown) {
    const failure = failureOf(thrown);
    return { answer: problemAnswer(failure, trail.traceId), failure };
  }
}

function withRequestId(answer: Answer, { traceId, headers }: Trail): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers, 'x-request-id': traceId } };
}

function spanName(verb: string): string {
  // A client can make up methods; they must not become names.
  return VERBS.has(verb) ? verb : '_OTHER';
}

function metricAttributes({ trail, answer }: Ending): Attributes {
  return {
    'http.request.method': trail.verb,
    'http.route': trail.template ?? '',
    'http.response.status_code': answer.status,
  };
}

function endSpan(span: Span, trail: Trail, { answer, failure }: Outcome): void {
  if (trail.template !== undefined) span.updateName(`${trail.verb} ${trail.template}`);
  const decision = trail.decision ?? tokenFault(failure);
  span.setAttributes({
    'http.request.method': trail.verb,
    'http.response.status_code': answer.status,
    'client.address': trail.address,
    ...(trail.template === undefined ? {} : { 'http.route': trail.template }),
    ...(trail.methodId === undefined ? {} : { 'rpc.method': trail.methodId }),
    ...(decision === undefined ? {} : { 'gatehouse.decision': decision }),
    ...(trail.subjectKind === undefined ? {} : { 'gatehouse.subject_kind': trail.subjectKind }),
    ...(trail.subjectId === undefined ? {} : { 'gatehouse.subject': trail.subjectId }),
    ...(trail.tokenScope === undefined ? {} : { 'gatehouse.token_scope': trail.tokenScope }),
    ...(trail.page === undefined ? {} : { 'gatehouse.page': trail.page }),
    ...(failure === undefined ? {} : { 'error.type': failure.error.code }),
  });
  if (isOurFault(answer.status)) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** What was wrong with a token, as services say it of a passport. The client is not told. */
function tokenFault(failure: Failure | undefined): string | undefined {
  const cause = failure?.error.cause;
  return cause instanceof TokenError ? `token_${cause.code}` : undefined;
}

function logAnswer(
  {
    log,
    plainLog,
  }: { readonly log: ServiceContext['log']; readonly plainLog: ServiceContext['log'] },
  { trail, answer, failure, tookMs }: Ending,
): void {
  const line = {
    traceId: trail.traceId,
    verb: trail.verb,
    route: trail.template,
    status: answer.status,
    ms: Math.round(tookMs * 10) / 10,
    address: trail.address,
    ...(trail.subjectKind === undefined ? {} : { subject: trail.subjectKind }),
    bytes: answer.body?.length ?? 0,
    ...(failure === undefined ? {} : { code: failure.error.code }),
  };
  if (answer.status === 500) log.error({ ...line, err: failure?.error }, 'request');
  else if (isOurFault(answer.status)) log.warn({ ...line, err: failure?.error }, 'request');
  else plainLog.info(line, 'request');
}

// 501 is a method or an upgrade that a client made up: its fault, and no reason for a stack in the log.
function isOurFault(status: number): boolean {
  return status >= 500 && status !== 501;
}
