/**
 * Says what the edge would do with a request, and why, by asking the same stages; nothing is minted,
 * forwarded or counted. For the admin listener: `GET /routes`, `POST /explain`.
 */
import type { AdminRoute } from '@gatehouse/chassis';
import { commonErrors, GatehouseError } from '@gatehouse/errors';
import { TokenError } from '@gatehouse/tokens';
import { readTarget } from '@gatehouse/wire';
import { authorise, type DecideParts } from '../decide/authorise.ts';
import { edgeErrors, Refused, statusOf } from '../errors.ts';
import { type IdentifyParts, type Identity, identify } from '../identify/identify.ts';
import type { Route } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import { type Described, type DescribedRoute, describeRoute, describeRoutes } from './routes.ts';

/** What the explanation stands on: the stages' own parts. */
export interface ExplainParts extends Described {
  readonly router: Router;
  readonly identifying: IdentifyParts;
  readonly deciding: DecideParts;
}

/** What would become of a request. */
export interface Explanation {
  /** What the request is judged to be, as far as it came. */
  readonly route?: DescribedRoute;
  readonly variables?: Readonly<Record<string, string>>;
  /** Who asks. Absent where the request did not come so far. */
  readonly subject?: { readonly kind: string; readonly id: string };
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly decision: 'allow' | 'refuse';
  /** `allow`, a reason of the access rule (`scope`), or the code of the refusal. */
  readonly reason: string;
  /** The HTTP status that the edge would answer; absent when the service decides. */
  readonly status?: number;
  /** In words. */
  readonly why: string;
}

interface Question {
  readonly method: string;
  readonly path: string;
  /** Of the request: `shop.example`. */
  readonly host: string | undefined;
  readonly token: string | undefined;
}

/** The questions that the gateway's admin listener answers. A token in one is never logged or kept. */
export function explainRoutes(parts: ExplainParts): readonly AdminRoute[] {
  return [
    {
      verb: 'GET',
      path: '/routes',
      respond: () => ({ routes: describeRoutes(parts) }),
    },
    { verb: 'POST', path: '/explain', respond: (body) => explain(parts, questionOf(body)) },
  ];
}

async function explain(parts: ExplainParts, question: Question): Promise<Explanation> {
  let said: Partial<Explanation> = {};
  try {
    const { route, variables } = findRoute(parts, question);
    said = { route: describeRoute(parts, route, question.method), variables };
    const identity = await identityOf(parts, question, route);
    said = { ...said, ...whoAsks(identity) };
    const allowed: Explanation = {
      ...said,
      decision: 'allow',
      reason: 'allow',
      why: whyAllowed(route, identity),
    };
    return route.backend === 'page' ? allowed : decided(parts, { route, identity }, allowed);
  } catch (refusal) {
    return { ...said, ...refused(refusal) };
  }
}

function decided(
  parts: ExplainParts,
  asking: { readonly route: Route; readonly identity: Identity },
  allowed: Explanation,
): Explanation {
  const record: { decision: string | undefined } = { decision: undefined };
  try {
    authorise(parts.deciding, asking, record);
    return allowed;
  } catch (refusal) {
    return { ...allowed, ...refused(refusal), reason: record.decision ?? 'error' };
  }
}

/** By the router of the edge. */
function findRoute(
  parts: ExplainParts,
  { method, path, host }: Question,
): { readonly route: Route; readonly variables: Readonly<Record<string, string>> } {
  const { segments } = readTarget(path);
  const match = parts.router(host, segments);
  if (match === undefined) throw edgeErrors.NOT_FOUND();
  const route = match.byVerb.get(method);
  if (route === undefined) {
    throw new Refused(edgeErrors.METHOD_NOT_ALLOWED(), { allow: match.allow });
  }
  return { route, variables: match.variables(segments) };
}

function identityOf(
  parts: ExplainParts,
  { token }: Question,
  route: Pick<Route, 'rule'>,
): Promise<Identity> {
  const failures = {
    check: () => undefined,
    isClean: () => true,
    count: () => undefined,
    turn: async () => false,
  };
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  const request = { authorization, address: '127.0.0.1', peerAddress: '127.0.0.1' };
  return identify({ ...parts.identifying, failures }, request, route);
}

function whoAsks({ claims }: Identity): Partial<Explanation> {
  if (claims === undefined) return { subject: { kind: 'anonymous', id: '' } };
  const { sub, scope, roles } = claims;
  const has = scope === '' ? [] : scope.split(' ');
  return { subject: { kind: 'person', id: sub }, scopes: has, roles };
}

function whyAllowed({ rule }: Route, { claims }: Identity): string {
  if (rule.subject === 'ANYONE') {
    return rule.ignoreBearer
      ? 'Anyone may call this, and a token is not looked at.'
      : 'Anyone may call this.';
  }
  const { scopes, roles } = rule;
  const asked = [
    ...(scopes.length === 0 ? [] : [`the scope ${scopes.join(' and ')}`]),
    ...(roles.length === 0 ? [] : [`the role ${roles.join(' or ')}`]),
  ];
  const having = asked.length === 0 ? '' : `, with ${asked.join(' and ')}`;
  return `${claims?.sub ?? 'The caller'} is signed in${having}.`;
}

function refused(fault: unknown): Omit<Explanation, 'route'> {
  const error = fault instanceof Refused ? fault.error : fault;
  if (!(error instanceof GatehouseError)) throw fault;
  const [status] = statusOf(error);
  const more = fault instanceof Refused ? challengeOf(fault) : '';
  const why = `${error.message}${tokenFault(error)}${more}`;
  return { decision: 'refuse', reason: error.code, status, why };
}

/** What a client does not see: why its token is invalid. It names a claim at most, never a value. */
function tokenFault({ cause }: GatehouseError): string {
  if (!(cause instanceof TokenError)) return '';
  const { message } = cause;
  return ` ${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function challengeOf({ headers }: Refused): string {
  if (headers.allow !== undefined) return ` It takes ${headers.allow}.`;
  const scope = /scope="([^"]*)"/.exec(headers['www-authenticate'] ?? '')?.[1];
  return scope === undefined ? '' : ` It needs the scope ${scope}.`;
}

function questionOf(body: unknown): Question {
  const { method, path, host, token } = Object(body) as Readonly<Record<string, unknown>>;
  if (typeof method !== 'string') throw wrong('/method', 'must be an HTTP method, such as GET');
  if (typeof path !== 'string') throw wrong('/path', 'must be a path, such as /board/v1/posts');
  if (token !== undefined && typeof token !== 'string') {
    throw wrong('/token', 'must be an access token, or be left out');
  }
  if (host !== undefined && typeof host !== 'string') {
    throw wrong('/host', 'must be a host name, or be left out');
  }
  return { method: method.toUpperCase(), path, host, token };
}

function wrong(pointer: string, detail: string): GatehouseError {
  return commonErrors.INVALID_INPUT({ fields: [{ pointer, detail }] });
}
