import {
  isVerb,
  type QueryPair,
  readHead,
  readQuery,
  readTarget,
  type Verb,
} from '@gatehouse/wire';
import { edgeErrors } from '../errors.ts';
import type { Incoming } from './seam.ts';
import { CONTRACT, checkHead } from './strictness.ts';

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
  /** See `RequestHead`. */
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
  const { path, segments, query } = readTarget(incoming.target);
  const head = readHead(incoming);
  checkHead(head, incoming.upgrading, CONTRACT);
  return {
    verb,
    path,
    segments,
    query: readQuery(query),
    authorization: head.authorization,
    contentType: head.contentType,
    announcesBody: head.hasBody,
    traceparent: head.traceparent,
    host: head.host,
    throughProxy: head.throughProxy,
    address,
    peerAddress: incoming.peerAddress,
  };
}
