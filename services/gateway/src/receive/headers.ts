/**
 * The headers that the edge reads, and the ways in which they can be read twice.
 *
 * Source: RFC 9110, section 5.3 (repeated fields); RFC 9112, sections 3.2 and 6 (Host, framing).
 */
import { edgeErrors } from '../errors.ts';

/** The headers that decide anything. All others are never looked at. */
export interface EdgeHeaders {
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  /** True when a body was announced, even an unsized one. */
  readonly announcesBody: boolean;
  /** W3C Trace Context of the client; its shape is not checked here. */
  readonly traceparent: string | undefined;
  /** Absent in HTTP/1.0 only. */
  readonly host: string | undefined;
  /** True when a proxy says that it stands between; one that says nothing is not noticed. */
  readonly throughProxy: boolean;
}

export const VERSIONS: ReadonlySet<string> = new Set(['1.0', '1.1', '2.0']);
export const MAX_HEADERS = 100;
const OF_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];
// Two of these would let two readers pick a different one.
const SINGLE = [
  'authorization',
  'content-length',
  'content-type',
  'expect',
  'host',
  'traceparent',
  'transfer-encoding',
  'upgrade',
] as const;
// uri-host [":" port]: a name, an IPv4 address or a bracketed IPv6 one.
const HOST = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;

/**
 * Reads the headers of one request.
 *
 * @param rawHeaders - names and values in turn, as received; not joined, none dropped.
 * @throws GatehouseError `gateway.framing`, `gateway.duplicate_header`, `gateway.host`, `gateway.length_and_encoding`,
 * `gateway.transfer_encoding`, `gateway.content_length`, `gateway.expect`, `gateway.upgrade`,
 * `gateway.media_type` (an encoded body), `gateway.headers_too_large`.
 */
export function readHeaders(rawHeaders: readonly string[], httpVersion: string): EdgeHeaders {
  if (!VERSIONS.has(httpVersion)) throw edgeErrors.FRAMING();
  if (rawHeaders.length > MAX_HEADERS * 2) throw edgeErrors.HEADERS_TOO_LARGE();
  const headers = collect(rawHeaders);
  for (const name of SINGLE) {
    if ((headers.get(name)?.length ?? 0) > 1) throw edgeErrors.DUPLICATE_HEADER();
  }
  const one = (name: (typeof SINGLE)[number]): string | undefined => headers.get(name)?.[0];
  checkHost(one('host'), httpVersion);
  const announcesBody = checkFraming(one('content-length'), one('transfer-encoding'), httpVersion);
  const expect = one('expect');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') throw edgeErrors.EXPECT();
  if (headers.has('upgrade')) throw edgeErrors.UPGRADE();
  // Nothing here unpacks a body, so nothing has to bound what it unpacks to.
  if (headers.has('content-encoding')) throw edgeErrors.MEDIA_TYPE();
  return {
    authorization: one('authorization'),
    contentType: one('content-type'),
    announcesBody,
    traceparent: one('traceparent'),
    host: one('host'),
    throughProxy: OF_PROXIES.some((name) => headers.has(name)),
  };
}

/** The values of one header, in order; for what is needed before a request is judged. */
export function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}

/** The first value of one header, for what only has to be found, and is judged later. */
export function firstValue(rawHeaders: readonly string[], name: string): string | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index] as string;
    if (candidate.length === name.length && candidate.toLowerCase() === name) {
      return rawHeaders[index + 1];
    }
  }
  return undefined;
}

function collect(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    const value = rawHeaders[index + 1] as string;
    const known = headers.get(name);
    if (known === undefined) headers.set(name, [value]);
    else known.push(value);
  }
  return headers;
}

/** A request of HTTP/1.1 and later names one host, and this one well. */
export function checkHost(host: string | undefined, httpVersion: string): void {
  if (host === undefined && httpVersion === '1.0') return;
  if (host === undefined || !HOST.test(host)) throw edgeErrors.HOST();
}

/** @returns whether a body was announced. */
export function checkFraming(
  length: string | undefined,
  encoding: string | undefined,
  httpVersion: string,
): boolean {
  if (length !== undefined && encoding !== undefined) throw edgeErrors.LENGTH_AND_ENCODING();
  if (encoding !== undefined) {
    // A 1.0 hop before us would not have understood it, so the two would disagree on the end.
    if (httpVersion === '1.0' || encoding.toLowerCase() !== 'chunked') {
      throw edgeErrors.TRANSFER_ENCODING();
    }
    return true;
  }
  if (length === undefined) return false;
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(length)) throw edgeErrors.CONTENT_LENGTH();
  return length !== '0';
}
