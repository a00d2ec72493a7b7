/** From what was framed to one request with one reading, on the route that it means. */
import {
  isVerb,
  type PathMatch,
  type RequestHead,
  readHead,
  readQuery,
  readTarget,
} from '@gatehouse/wire';
import type { GatewayRequest } from '../decide/request.ts';
import { edgeErrors, Refused } from '../errors.ts';
import { acceptExternal } from '../forward/http/proxy.ts';
import { ANONYMOUS } from '../identify/identify.ts';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import type { EdgeResponse } from '../receive/seam.ts';
import { CONTRACT, checkHead, type Strictness, strictnessOf } from '../receive/strictness.ts';
import type { ContractRoute, PageRoute, Route } from '../route/route.ts';
import type { PipelineParts } from './parts.ts';

/** A request as it came. */
type Came = Pick<GatewayRequest, 'incoming' | 'outgoing' | 'record' | 'quota' | 'cors'>;

/**
 * Reads head and target, and finds the route.
 *
 * Not checked here: the token, the body.
 *
 * @returns the request, or the response to OPTIONS.
 * @throws GatehouseError `gateway.*`, a code per class of fault; Refused 405, 429.
 */
export function findRoute(
  { router, routeLimits }: Pick<PipelineParts, 'router' | 'routeLimits'>,
  came: Came,
): GatewayRequest | EdgeResponse {
  const { incoming, record } = came;
  const verb = incoming.method;
  if (!isVerb(verb)) throw edgeErrors.METHOD_UNKNOWN();
  const target = readTarget(incoming.target);
  const head = readHead(incoming);
  const match = router(head.host, target.segments);
  const route = match?.byVerb.get(verb);
  const strictness = strictnessAt(match, route);
  checkHead(head, incoming.upgrading, strictness);
  const query = strictness.query === 'pairs' ? readQuery(target.query) : NO_QUERY;
  if (match === undefined) throw edgeErrors.NOT_FOUND();
  const { allow, variables } = match;
  record.route = route?.label ?? match.template;
  if (route === undefined) {
    if (verb === 'OPTIONS') return { status: 204, headers: { ...COMMON_HEADERS, allow } };
    throw new Refused(edgeErrors.METHOD_NOT_ALLOWED(), { allow });
  }
  const isExternal = route.backend === 'http';
  if (isExternal) routeLimits(route.http)?.take(record.address);
  else checkBody(route, head);
  return {
    incoming,
    outgoing: came.outgoing,
    record,
    quota: came.quota,
    cors: came.cors,
    verb,
    route,
    address: record.address,
    identity: ANONYMOUS,
    head,
    target,
    variables,
    query,
    handshakeKey: isExternal ? acceptExternal(route.http, { incoming, head }) : undefined,
    requestHeaders: undefined,
    responseHeaders: undefined,
    respondedTo: false,
  };
}

const NO_QUERY: readonly never[] = Object.freeze([]);

/** Of the route, or of those beside it at its path; where there is nothing, as of a contract. */
function strictnessAt(match: PathMatch<Route> | undefined, route: Route | undefined): Strictness {
  const beside = route ?? match?.byVerb.values().next().value;
  return beside?.backend === 'http' ? strictnessOf(route && beside.http) : CONTRACT;
}

/** Pages and some methods take none. */
function checkBody(route: ContractRoute | PageRoute, { hasBody }: RequestHead): void {
  const takesBody = route.backend === 'grpc' && route.method.http.body !== '';
  if (hasBody && !takesBody) throw edgeErrors.BODY_UNEXPECTED();
}
