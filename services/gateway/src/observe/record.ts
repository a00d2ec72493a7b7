/** What is recorded of one request, for its span, its metrics and its line in the access log. */
import { randomFillSync } from 'node:crypto';
import { type Context, ROOT_CONTEXT, type Span, TraceFlags, trace } from '@opentelemetry/api';

/** A request from its head to its end. The stages fill in what they find out. */
export interface RequestRecord {
  /** Hexadecimal; a new trace begins at the edge. */
  readonly traceId: string;
  /** What the service behind is told, so that its spans join ours. */
  readonly traceparent: string;
  readonly verb: string;
  /** The client's own. */
  readonly address: string;
  readonly startedMs: number;
  /** Undefined while nothing is exported. */
  readonly span: Span | undefined;
  /** `/board/v1/posts/{post_id}`, or the name of an external route; empty until it is known. */
  route: string;
  /** 0 until a response has begun. */
  status: number;
  bytes: number;
  /** Id of the method in its contract. */
  methodId: string | undefined;
  /** What the rule said: `allow`, or the reason of the refusal. */
  decision: string | undefined;
  subjectKind: string | undefined;
  /** Whom the passport speaks for: an id, never a name. */
  subjectId: string | undefined;
  /** What the access token has, space-separated. */
  tokenScope: string | undefined;
  /** Whether it is a page of the edge's own, which leaves no trace in the trace view. */
  isPage: boolean;
  /** Code of the error of the response, or of the one that interrupted it. */
  code: string | undefined;
  /** The error itself. */
  cause: unknown;
  /** Whether the error is ours, or a service's: it is logged as more than a line. */
  isFault: boolean;
}

/** What is known of a request as it comes. */
type Beginning = Pick<RequestRecord, 'verb' | 'address'>;

const SAMPLED = '01';
const NOT_SAMPLED = '00';

/** @param span - undefined: its ids are all that is needed, and are made here. */
export function newRecord({ verb, address }: Beginning, span: Span | undefined): RequestRecord {
  const { traceId, spanId } = span?.spanContext() ?? randomIds();
  // Where nothing is exported here nothing is decided: a service that exports has its traces all the same.
  const flags = span === undefined || span.isRecording() ? SAMPLED : NOT_SAMPLED;
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    verb,
    address,
    startedMs: performance.now(),
    span,
    route: '',
    status: 0,
    bytes: 0,
    methodId: undefined,
    decision: undefined,
    subjectKind: undefined,
    subjectId: undefined,
    tokenScope: undefined,
    isPage: false,
    code: undefined,
    cause: undefined,
    isFault: false,
  };
}

/** The context in which spans of a request are its children. */
export function contextOf({ span, traceId, traceparent }: RequestRecord): Context {
  if (span !== undefined) return trace.setSpan(ROOT_CONTEXT, span);
  const spanId = traceparent.slice(SPAN_AT, SPAN_AT + 16);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}

const SPAN_AT = '00-'.length + 32 + 1;
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
