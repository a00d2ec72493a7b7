/** Stages of a team's own in the way of a request: before the decision, and on the response. */
import type { AccessRule } from '@gatehouse/contracts';
import { firstValue, type Verb } from '@gatehouse/wire';
import { subjectOf } from '../identify/edge-claims.ts';
import { headerNameFault, headerValueFault } from '../route/header-edits.ts';
import type { GatewayRequest } from './request.ts';

/**
 * What a stage sees of a request: never the token, nor any header that is reserved.
 */
export interface StageRequest {
  readonly verb: Verb;
  /** As sent, without the query. */
  readonly path: string;
  /** As sent, with its `?`; empty without. */
  readonly query: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The client's own address. */
  readonly address: string;
  readonly route: {
    /** `gatehouse.board.v1.BoardService/GetPost`, or `http:<name>`. */
    readonly id: string;
    readonly backend: 'grpc' | 'http';
    readonly rule: AccessRule;
  };
  /** Who asks, by a token that was verified; undefined: the request is anonymous. */
  readonly subject:
    | {
        readonly id: string;
        readonly scopes: readonly string[];
        readonly roles: readonly string[];
        readonly authLevel: number;
      }
    | undefined;
  /** The first value of a header of the client's that a service may see; in any case. */
  header(name: string): string | undefined;
  /**
   * Sets a header for the service: of an HTTP request, or as gRPC metadata. The client's own is replaced.
   *
   * @throws Error for a name that is reserved or no name, and for a value that is no value.
   */
  setRequestHeader(name: string, value: string): void;
  /** Sets a header for the client, on whatever the response will be. @throws Error as above. */
  setResponseHeader(name: string, value: string): void;
}

/** What a stage sees of a response: its head. */
export interface StageResponse {
  readonly status: number;
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /** Replaces every value of it. @throws Error for a name that is reserved or no name. */
  setHeader(name: string, value: string): void;
}

/**
 * Runs when it is known who asks, before the access rule of the route is asked. It denies by throwing an
 * error of `defineErrors`; any other error is `common.internal` (500). It can deny, and never allow: the
 * rule is asked after it all the same.
 */
export type RequestStage = (request: StageRequest) => void | Promise<void>;

/**
 * Runs on the head of each response of a route with a service behind it, denials among them. What it
 * throws takes the response's place. Not asked for WebSocket (101), nor for pages of the edge's own.
 */
export type ResponseStage = (response: StageResponse, request: StageRequest) => void;

/** Each list runs from its first to its last. */
export interface GatewayStages {
  readonly beforeDecision: readonly RequestStage[];
  readonly onResponse: readonly ResponseStage[];
}

export type ResponseStages = GatewayStages['onResponse'];

/** gRPC's own, and what would change how a message is read. */
const OF_GRPC = /^(?:grpc-.*|content-type|user-agent|.*-bin)$/;

/** @throws whatever a stage throws: the ones behind it do not run. */
export async function runBeforeDecision(
  stages: GatewayStages['beforeDecision'],
  request: GatewayRequest,
): Promise<void> {
  const seen = stageRequest(request);
  for (const stage of stages) await stage(seen);
}

/**
 * Runs the stages on a head, once for each request.
 *
 * @param headers - names in lower case and values in turn; changed in place.
 * @throws whatever a stage throws.
 */
export function runOnResponse(
  stages: ResponseStages,
  request: GatewayRequest,
  { status, headers }: { readonly status: number; readonly headers: string[] },
): void {
  if (request.respondedTo) return;
  request.respondedTo = true;
  for (const [name, value] of request.responseHeaders ?? []) setPair(headers, name, value);
  if (stages.length === 0) return;
  const response: StageResponse = {
    status,
    header: (name) => firstValue(headers, name.toLowerCase()),
    setHeader: (name, value) => setPair(headers, checked(name, value, 'response'), value),
  };
  const seen = stageRequest(request);
  for (const stage of stages) stage(response, seen);
}

function stageRequest(request: GatewayRequest): StageRequest {
  const { verb, target, address, identity, route, head } = request;
  const { id, rule } = route;
  const backend = route.backend === 'http' ? 'http' : 'grpc';
  return {
    verb,
    path: target.path,
    query: target.query,
    variables: request.variables(target.segments),
    address,
    route: { id, backend, rule },
    subject: identity.claims === undefined ? undefined : subjectOf(identity.claims),
    header: (name) => firstValue(head.passed, name.toLowerCase()),
    setRequestHeader: (name, value) => {
      const lower = checked(name, value, 'request');
      if (backend === 'grpc' && OF_GRPC.test(lower)) throw new Error(`"${name}" is gRPC's own.`);
      request.requestHeaders ??= new Map();
      request.requestHeaders.set(lower, value);
    },
    setResponseHeader: (name, value) => {
      request.responseHeaders ??= new Map();
      request.responseHeaders.set(checked(name, value, 'response'), value);
    },
  };
}

/** @returns the name in lower case. */
function checked(name: string, value: string, side: 'request' | 'response'): string {
  const fault = headerNameFault(name, side) ?? headerValueFault(name, value);
  if (fault !== undefined) throw new Error(fault);
  return name.toLowerCase();
}

function setPair(headers: string[], name: string, value: string): void {
  for (let index = headers.length - 2; index >= 0; index -= 2) {
    if (headers[index] === name) headers.splice(index, 2);
  }
  headers.push(name, value);
}
