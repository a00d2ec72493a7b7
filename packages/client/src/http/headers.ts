/** The headers that go beside an HTTP call. */
import { type Context, propagation, type TextMapSetter } from '@opentelemetry/api';

/**
 * How long the caller still waits, in whole milliseconds, as `grpc-timeout` says it for gRPC. A receiver counts from
 * when it comes in, so clocks need not agree.
 */
export const TIMEOUT_HEADER = 'gatehouse-timeout-ms';
/** The passport, as draft-ietf-oauth-transaction-tokens names it. */
export const PASSPORT_HEADER = 'txn-token';
/** RFC draft-ietf-httpapi-idempotency-key-header. */
export const KEY_HEADER = 'idempotency-key';

/** What goes beside a request. */
export interface BesideHttp {
  readonly headers: Readonly<Record<string, string>>;
  readonly token: string | undefined;
  readonly passport: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** Milliseconds that are left. */
  readonly leftMs: number;
  /** Its trace goes on. */
  readonly within: Context;
}

/** Set by the executor alone; a caller that sets one has something else in mind than happens. */
const OURS: ReadonlySet<string> = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  KEY_HEADER,
  PASSPORT_HEADER,
  TIMEOUT_HEADER,
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'upgrade',
]);

const setter: TextMapSetter<Record<string, string>> = {
  set: (headers, name, value) => {
    headers[name] = value;
  },
};

/**
 * The headers of a caller, by lower-case name.
 *
 * @throws TypeError for one that the executor sets itself.
 */
export function callerHeaders(
  given: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const headers = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]);
  for (const [name = ''] of headers) {
    if (OURS.has(name)) throw new TypeError(`${name} is set by the executor: see its options`);
  }
  return Object.fromEntries(headers);
}

/** All headers of one try. */
export function headersOf(beside: BesideHttp): Record<string, string> {
  const { token, passport, idempotencyKey, leftMs } = beside;
  const headers: Record<string, string> = { 'accept-encoding': 'identity', ...beside.headers };
  propagation.inject(beside.within, headers, setter);
  headers[TIMEOUT_HEADER] = String(Math.max(1, Math.floor(leftMs)));
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (passport !== undefined) headers[PASSPORT_HEADER] = passport;
  if (idempotencyKey !== undefined) headers[KEY_HEADER] = idempotencyKey;
  return headers;
}

/**
 * Reads until when a caller waits for its response, by its {@link TIMEOUT_HEADER}: for `withFlow` in a server.
 *
 * @example
 * ```ts
 * import { deadlineFrom, TIMEOUT_HEADER, withFlow } from '@gatehouse/client';
 *
 * function serve(headers: Headers, work: () => Promise<Response>) {
 *   const deadlineMs = deadlineFrom(headers.get(TIMEOUT_HEADER) ?? undefined, Date.now());
 *   return withFlow(deadlineMs === undefined ? {} : { deadlineMs }, work);
 * }
 * ```
 *
 * @param value - the header's value; one that is no whole number counts as absent.
 * @returns milliseconds since the epoch.
 */
export function deadlineFrom(value: string | undefined, nowMs: number): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? nowMs + Number(value) : undefined;
}
