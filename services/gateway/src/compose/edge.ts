/** The way of a request, stage by stage. The folders beside this file have the stages' names. */
import { commonErrors, GatehouseError } from '@gatehouse/errors';
import type { PathMatch } from '@gatehouse/wire';
import { type AuthoriseParts, authorise } from '../decide/authorise.ts';
import { edgeErrors, Refused } from '../errors.ts';
import type { Forwarder } from '../forward/grpc/forwarder.ts';
import { requestMessage } from '../forward/grpc/request-message.ts';
import { successAnswer } from '../forward/grpc/success.ts';
import { invalidToken } from '../identify/bearer.ts';
import { type IdentifyParts, type Identity, identify } from '../identify/identify.ts';
import type { RequestLimit } from '../limit/request-limit.ts';
import { type MintParts, passportFor } from '../mint/mint.ts';
import { linkClientTrace, type Observer, type Trail } from '../observe/observe.ts';
import type { Page } from '../pages/page.ts';
import type { PageTable } from '../pages/page-table.ts';
import { type CanonicalRequest, canonicalise } from '../receive/canonical-request.ts';
import { addressOf, type TrustedProxies } from '../receive/client-address.ts';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import type { Cors } from '../receive/cors.ts';
import type { Answer, Incoming } from '../receive/seam.ts';
import type { RoutedMethod, RouteTable } from '../route/route-table.ts';

/** What the stages stand on. */
export interface EdgeParts {
  readonly observer: Observer;
  readonly proxies: TrustedProxies;
  readonly cors: Cors;
  readonly limit: RequestLimit;
  readonly routes: RouteTable;
  /** What the edge shows to people, where no contract has the path. */
  readonly pages: PageTable;
  readonly identifying: IdentifyParts;
  readonly minting: MintParts;
  /** Whether news of revocations is too old for methods marked `fresh`. */
  readonly newsStale: () => boolean;
  readonly forwarder: Forwarder;
  /** Largest body that is taken. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

/** What the chassis of a service says to a passport that it cannot take, or not any more. */
const PASSPORT_INVALID = 'access.passport_invalid';
const PASSPORT_REVOKED = 'access.passport_revoked';
const BODY_LIMIT_BYTES = 1024 * 1024;

/** Puts the stages together, for the paths that contracts have. Never rejects. */
export function createEdge(parts: EdgeParts): (incoming: Incoming) => Promise<Answer> {
  return (incoming) =>
    parts.observer.observe(incoming.method, (trail) => serve(parts, incoming, trail));
}

async function serve(parts: EdgeParts, incoming: Incoming, trail: Trail): Promise<Answer> {
  // Node forgets the peer of a connection that is gone.
  if (incoming.peerAddress === '') throw commonErrors.CANCELLED();
  trail.address = addressOf(incoming, parts.proxies);
  trail.headers = parts.cors(incoming);
  // Before the request is judged: nonsense counts too.
  const quota = parts.limit.take(trail.address);
  trail.headers = { ...trail.headers, ...quota };
  const request = canonicalise(incoming, trail.address);
  linkClientTrace(request.traceparent);

  const match = parts.routes.match(request.segments);
  if (match === undefined) return pageAt(parts, request, trail);
  trail.template = match.template;
  if (request.verb === 'OPTIONS') return optionsAnswer(match);
  const method = methodOf(match, request);
  trail.methodId = method.id;

  const identity = await identify(parts.identifying, request, method);
  noteToken(trail, identity);
  const subject = authorise(decidingOf(parts, trail), method, identity);
  trail.subjectKind = subject.kind;

  const body = await bodyOf(parts, method, incoming);
  const message = requestMessage(method, {
    ...request,
    variables: match.variables(request.segments),
    body,
  });
  // Minted last, since a body may be slow to come and a passport lives a minute.
  const passport = passportFor(parts.minting, { request, method, identity, subject });
  const { signal } = incoming;
  try {
    const answer = await parts.forwarder.forward({ method, message, passport, signal });
    return successAnswer(method, answer);
  } catch (refusal) {
    throw explained(parts, identity, refusal);
  }
}

/**
 * A service that refuses our passport has heard of a revocation, maybe before us, or does not know
 * our key yet. Only in the first case is the client's token to blame.
 */
function explained({ identifying }: EdgeParts, { token }: Identity, refusal: unknown): unknown {
  if (!(refusal instanceof GatehouseError)) return refusal;
  const { code } = refusal;
  if (code !== PASSPORT_INVALID && code !== PASSPORT_REVOKED) return refusal;
  if (token === undefined) return edgeErrors.NOT_READY({ cause: refusal });
  const isWithdrawn =
    code === PASSPORT_REVOKED || identifying.verifier.verifyCached(token) === undefined;
  return isWithdrawn ? invalidToken(refusal) : edgeErrors.NOT_READY({ cause: refusal });
}

/** Whose token it is, which those who look want to know of a refused request too. */
function noteToken(trail: Trail, { claims }: Identity): void {
  if (claims === undefined) return;
  trail.subjectKind = 'person';
  trail.subjectId = claims.sub;
  trail.tokenScope = claims.scope;
}

/** A page of the edge's own. It takes no token, no query, no body: it is the same for everyone. */
async function pageAt(parts: EdgeParts, request: CanonicalRequest, trail: Trail): Promise<Answer> {
  const page: Page | undefined = parts.pages.find(request.segments);
  if (page === undefined) throw edgeErrors.NOT_FOUND();
  trail.template = page.route;
  trail.page = page.route;
  if (request.verb === 'OPTIONS') return { status: 204, headers: PAGE_OPTIONS };
  if (request.verb !== 'GET' && request.verb !== 'HEAD') {
    throw new Refused(edgeErrors.METHOD_NOT_ALLOWED(), { allow: PAGE_METHODS });
  }
  if (request.announcesBody) throw edgeErrors.BODY_UNEXPECTED();
  return page.answer(request);
}

const PAGE_METHODS = 'GET, HEAD, OPTIONS';
const PAGE_OPTIONS = { ...COMMON_HEADERS, allow: PAGE_METHODS };

function methodOf(match: PathMatch<RoutedMethod>, request: CanonicalRequest): RoutedMethod {
  const method = match.byVerb.get(request.verb);
  if (method === undefined) {
    throw new Refused(edgeErrors.METHOD_NOT_ALLOWED(), { allow: match.allow });
  }
  if (method.http.body === '' && request.announcesBody) throw edgeErrors.BODY_UNEXPECTED();
  return method;
}

function optionsAnswer(match: PathMatch<RoutedMethod>): Answer {
  return { status: 204, headers: { ...COMMON_HEADERS, allow: match.allow } };
}

function decidingOf(parts: EdgeParts, trail: Trail): AuthoriseParts {
  const { identity, trustDomain } = parts.minting;
  const note: AuthoriseParts['note'] = (decision) => {
    trail.decision = decision;
  };
  return { identity, trustDomain, newsStale: parts.newsStale(), note };
}

async function bodyOf(
  parts: EdgeParts,
  method: RoutedMethod,
  incoming: Incoming,
): Promise<Uint8Array> {
  if (method.http.body === '') return new Uint8Array();
  return incoming.readBody(parts.bodyLimitBytes ?? BODY_LIMIT_BYTES);
}
