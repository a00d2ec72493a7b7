/** The HTTP backend: a request is passed on as it comes, and so is its response. */
import { BoundedBody } from '@gatehouse/wire';
import type { GatewayRequest, Responder } from '../../decide/request.ts';
import type { ResponseStages } from '../../decide/stages.ts';
import { edgeErrors } from '../../errors.ts';
import type { TrustedProxies } from '../../receive/client-address.ts';
import type { HttpRoute } from '../../route/http-route.ts';
import type { ExternalRoute } from '../../route/route.ts';
import type { LiveConnections } from './live-connections.ts';
import { Relay } from './relay.ts';
import { rewrittenTarget } from './rewrite.ts';
import type { UpstreamBody, Upstreams } from './upstream-client.ts';
import { markLines, protoOf, upstreamHead } from './upstream-head.ts';
import { handshakeKey } from './websocket.ts';

/** What proxying stands on. */
export interface HttpBackend {
  readonly upstreams: Pick<Upstreams, 'client'>;
  readonly proxies: TrustedProxies;
  readonly live: LiveConnections;
  readonly responseStages: ResponseStages;
}

/** What a request is passed on with. */
export interface Passing {
  readonly route: ExternalRoute;
  readonly passport: string;
  readonly responder: Responder;
}

/** As long as the receiver waits by itself when nothing moves. */
const STALL_MS = 60_000;

/**
 * Passes a request on. It returns at once.
 *
 * @returns what hands the response to the client, and is to be told how it goes with the client.
 * @throws GatehouseError `gateway.not_found` where the path is spelled in another way than the route
 * rewrites.
 */
export function proxyRequest(
  backend: HttpBackend,
  request: GatewayRequest,
  { route: { http, upstream }, passport, responder }: Passing,
): Relay {
  const { address, head, incoming, outgoing, record } = request;
  const target = rewrittenTarget(http.rewrite.prefix, request.target);
  if (target === undefined || upstream === undefined) throw edgeErrors.NOT_FOUND();
  const { timeouts, retries } = http;
  const stallMs = Math.max(timeouts.firstByteMs, timeouts.idleMs);
  if (stallMs > STALL_MS) outgoing.stallAfter(stallMs);
  const proto = protoOf(incoming, backend.proxies);
  const { requestHeaders: added } = request;
  const headers = upstreamHead(http, { address, proto, host: head.host, added }, head, upstream);
  const relay = new Relay({
    request,
    http,
    responder,
    live: backend.live,
    stages: backend.responseStages,
  });
  const { traceId, traceparent } = record;
  const exchange = backend.upstreams.client(http.upstream).dispatch(
    {
      method: request.verb,
      target,
      headers,
      ownLines: markLines({ traceId, traceparent, passport }),
      body: head.hasBody ? bodyOf(request, http, relay) : undefined,
      trailers: () => incoming.trailers(),
      expectContinue: head.expectsContinue && head.hasBody,
      upgrade: request.handshakeKey === undefined ? undefined : 'websocket',
      timeouts,
      retries,
    },
    relay,
  );
  relay.follows(exchange);
  return relay;
}

/**
 * Checks what a route says of the body, and what an upgrade is.
 *
 * @returns the key of an opening handshake of WebSocket; undefined: it is none.
 * @throws GatehouseError `gateway.body_too_large`, `gateway.websocket`.
 */
export function acceptExternal(
  { maxBodyBytes = Number.POSITIVE_INFINITY }: HttpRoute,
  { incoming, head }: Pick<GatewayRequest, 'incoming' | 'head'>,
): string | undefined {
  if ((head.lengthBytes ?? 0) > maxBodyBytes) throw edgeErrors.BODY_TOO_LARGE();
  return incoming.upgrading ? handshakeKey(incoming.method, head) : undefined;
}

function bodyOf(
  { incoming, head }: GatewayRequest,
  { maxBodyBytes }: HttpRoute,
  relay: Relay,
): UpstreamBody {
  const source = incoming.body;
  const length = head.lengthBytes;
  if (maxBodyBytes === undefined || length !== undefined) return { source, length };
  const bounded = new BoundedBody(source, maxBodyBytes, () => relay.bodyTooLarge());
  return { source: bounded, length: undefined };
}
