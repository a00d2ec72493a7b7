/** A request on its way: what the stages have found out about it so far. */
import type { QueryPair, RequestHead, Target, VariablesOf, Verb } from '@gatehouse/wire';
import type { Identity } from '../identify/identify.ts';
import type { RequestRecord } from '../observe/record.ts';
import type { EdgeResponse, Incoming, Outgoing } from '../receive/seam.ts';
import type { Route } from '../route/route.ts';

/** What admission goes by. */
export interface Asking {
  readonly verb: Verb;
  readonly route: Pick<Route, 'id' | 'rule'>;
  /** The client's own. */
  readonly address: string;
  readonly identity: Identity;
}

/** One request, from the match of its route to its response. */
export interface GatewayRequest extends Asking {
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  readonly record: RequestRecord;
  readonly head: RequestHead;
  readonly target: Target;
  readonly route: Route;
  /** What stands for each variable of the route's path. */
  readonly variables: VariablesOf;
  /** Read where a route makes a message of it; empty elsewhere. */
  readonly query: readonly QueryPair[];
  /** Of an opening handshake; undefined: it does not ask for WebSocket. */
  readonly handshakeKey: string | undefined;
  /** What the edge says of the response itself: where the client stands. */
  readonly quota: Readonly<Record<string, string>>;
  /** Empty: a service's own `Access-Control-*` are passed on. */
  readonly cors: Readonly<Record<string, string>>;
  /** Anonymous until it is known. */
  identity: Identity;
  /** What stages of a team's own set for the service, and for the client; undefined: nothing. */
  requestHeaders: Map<string, string> | undefined;
  responseHeaders: Map<string, string> | undefined;
  /** Whether those stages have seen the response. */
  respondedTo: boolean;
}

/** Sends a whole response. Neither throws; what comes after the first is not sent. */
export interface Responder {
  respond(response: EdgeResponse): void;
  /** As a problem. @param thrown - whatever a stage threw. */
  refuse(thrown: unknown): void;
}
