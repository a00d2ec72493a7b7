import { edgeErrors } from '../errors.ts';
import { readHeaders } from './headers.ts';
import type { Incoming } from './seam.ts';
import { type QueryPair, readTarget } from './target.ts';

/** The methods that resources here can have. */
export type Verb = (typeof VERBS)[number];

const VERBS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

export function isVerb(method: string): method is Verb {
  return (VERBS as readonly string[]).includes(method);
}

/** One request with one reading. What later stages use is here; the rest of the wire is not. */
export interface CanonicalRequest {
  readonly verb: Verb;
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: readonly QueryPair[];
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly announcesBody: boolean;
  /** The client's own trace context, as sent. Untrusted: it is linked to, never continued. */
  readonly traceparent: string | undefined;
  /** As sent, and well-formed. Absent in HTTP/1.0 only. Nothing is routed by it. */
  readonly host: string | undefined;
  /** See `EdgeHeaders`. */
  readonly throughProxy: boolean;
  /** The client's own address; see `addressOf`. */
  readonly address: string;
  /** Of the connection: the client's own, or a proxy's. */
  readonly peerAddress: string;
}

/**
 * Turns what was framed into one canonical request, or refuses it.
 *
 * Not checked here: whether the path exists, the token, the body.
 *
 * @param address - the client's own, which is known before the request is judged.
 * @throws GatehouseError `gateway.*`, a code per class of fault.
 */
export function canonicalise(incoming: Incoming, address: string): CanonicalRequest {
  const verb = incoming.method;
  if (!isVerb(verb)) throw edgeErrors.METHOD_UNKNOWN();
  const headers = readHeaders(incoming.rawHeaders, incoming.httpVersion);
  const { path, segments, query } = readTarget(incoming.target);
  return {
    verb,
    path,
    segments,
    query,
    authorization: headers.authorization,
    contentType: headers.contentType,
    announcesBody: headers.announcesBody || (incoming.httpVersion === '2.0' && incoming.hasBody),
    traceparent: headers.traceparent,
    host: headers.host,
    throughProxy: headers.throughProxy,
    address,
    peerAddress: incoming.peerAddress,
  };
}
