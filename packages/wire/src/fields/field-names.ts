/**
 * What becomes of each header field on its way through.
 *
 * A server behind us may fold names: CGI, WSGI and Rack read `X_Forwarded_For` and `X-Forwarded-For`
 * as one, and some drop what is no letter. So a name is compared by its letters and digits alone, and
 * one that is spelled like a header that is managed here is never passed on.
 *
 * Source: RFC 9110, section 7.6.1 (hop-by-hop); RFC 9113, section 8.2.2.
 */
import { remembered } from '../remembered.ts';

/**
 * `pass`: as it is. `drop`: never. `proxy`: never, and it says that a proxy stands between. `once`: as it
 * is, and two of them are refused. Others: read.
 */
export type Fate =
  | 'pass'
  | 'drop'
  | 'proxy'
  | 'once'
  | 'authorization'
  | 'connection'
  | 'content-encoding'
  | 'content-length'
  | 'content-type'
  | 'cookie'
  | 'expect'
  | 'host'
  | 'traceparent'
  | 'transfer-encoding'
  | 'upgrade';

/** A header's name, understood. */
export interface FieldName {
  readonly lower: string;
  /** Its letters and digits alone, in lower case: equal for all that a server behind us may take for one. */
  readonly letters: string;
  readonly fate: Fate;
}

const READ: ReadonlySet<string> = new Set<Fate>([
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'traceparent',
  'transfer-encoding',
  'upgrade',
]);
const ONCE: ReadonlySet<string> = new Set(['sec-websocket-key', 'sec-websocket-version']);
const OF_PROXIES: ReadonlySet<string> = new Set([
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-real-ip',
]);
/** Fates of names that are not ours: passed on, and a file may set them. */
const PASSED_FATES: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-type',
  'cookie',
  'once',
  'pass',
]);
/** By their letters and digits. What stands for us, for the client's address, or for another request. */
const DROPPED: ReadonlySet<string> = new Set(
  [
    ...['keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te'],
    ...['trailer', 'http2-settings', 'proxy', 'via', 'forwarded', 'x-forwarded', 'x-real-ip'],
    ...['client-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'x-cluster-client-ip'],
    ...['fastly-client-ip', 'x-remote-ip', 'x-remote-addr', 'x-originating-ip', 'x-host'],
    ...['x-http-host-override', 'x-url-scheme', 'x-scheme', 'front-end-https', 'x-arr-ssl'],
    ...['x-http-method-override', 'x-http-method', 'x-method-override', 'x-rewrite-url'],
    ...[
      'x-request-id',
      'traceparent',
      'tracestate',
      'baggage',
      'b3',
      'uber-trace-id',
      'x-forwarded-client-cert',
    ],
  ].map(compact),
);
const DROPPED_FRONTS = ['xforwarded', 'xoriginal', 'xenvoy', 'xb3'];
/** `content_length` beside `content-length`: another name here, and the same one further in. */
const LOOKALIKES: ReadonlySet<string> = new Set([...READ, ...ONCE].map(compact));
/** What makes requests ours. In whatever a client wraps it. */
const OURS = 'txntoken';
/** Names that a `Connection` header may list: they are for one hop. */
const FOR_ONE_HOP: ReadonlySet<string> = new Set([
  ...['close', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authorization'],
  ...['proxy-connection', 'te', 'trailer', 'trailers', 'transfer-encoding', 'upgrade'],
]);
/** Beside those that are managed here: what only makes sense from end to end. */
const END_TO_END =
  /^(?:accept|access-control|authentication|cache-control|content-|cookie|date$|dpop$|if-|idempotency-key$|max-forwards|origin$|pragma|range$|referer|sec-|set-cookie|signature|user-agent|www-)/;

/** The name as sent, understood. */
export const fieldName = remembered(1000, (name): FieldName => {
  const lower = name.toLowerCase();
  return Object.freeze({ lower, letters: compact(lower), fate: fateOf(lower) });
});

/** What only the edge may say in a response. By letters and digits. */
const OF_THE_EDGE =
  /^(?:x?txntoken|xrequestid|ratelimit|ratelimitpolicy|traceparent|tracestate|altsvc)$/;

/** The name of a field of an upstream's response in lower case; empty: only the edge may say it. */
export const responseFieldName = remembered(1000, (name) => {
  const lower = name.toLowerCase();
  return OF_THE_EDGE.test(compact(lower)) ? '' : lower;
});

/** Whether a name is one of ours, or could be read as one: no client, file or response may set it. */
export function isManaged(lower: string): boolean {
  return !PASSED_FATES.has(fateOf(lower));
}

/**
 * What a `Connection` header may do to another header.
 *
 * @returns `hop`: nothing that is not done anyway; `end`: the client would take away what is not its
 * to take; `pass`: it is dropped.
 */
export function nominated(lower: string): 'hop' | 'end' | 'pass' {
  if (FOR_ONE_HOP.has(lower)) return 'hop';
  return fateOf(lower) === 'pass' && !END_TO_END.test(lower) ? 'pass' : 'end';
}

function fateOf(lower: string): Fate {
  if (READ.has(lower)) return lower as Fate;
  if (ONCE.has(lower)) return 'once';
  if (OF_PROXIES.has(lower)) return 'proxy';
  const letters = compact(lower);
  if (letters.includes(OURS) || DROPPED.has(letters)) return 'drop';
  if (DROPPED_FRONTS.some((front) => letters.startsWith(front))) return 'drop';
  return LOOKALIKES.has(letters) ? 'drop' : 'pass';
}

function compact(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
