/**
 * The way of one request, stage by stage, whatever stands behind its route. The folders beside this one
 * have the stages' names. A request whose token is known comes to its backend without a wait.
 */
import type { AccessSubject } from '@gatehouse/access';
import { commonErrors } from '@gatehouse/errors';
import { isVerb } from '@gatehouse/wire';
import { authorise } from '../decide/authorise.ts';
import type { GatewayRequest, Responder } from '../decide/request.ts';
import { runBeforeDecision, runOnResponse } from '../decide/stages.ts';
import { callService } from '../forward/grpc/call.ts';
import { proxyRequest } from '../forward/http/proxy.ts';
import type { Relay } from '../forward/http/relay.ts';
import { type Identity, identify, identifyKnown, isUnverified } from '../identify/identify.ts';
import { mint, sharedPassport } from '../mint/mint.ts';
import { noteFailure, OTHER_VERB } from '../observe/observer.ts';
import type { RequestRecord } from '../observe/record.ts';
import { addressOf } from '../receive/client-address.ts';
import { failureOf, problemResponse } from '../receive/problem.ts';
import {
  type EdgeResponse,
  type Handler,
  type Incoming,
  type Outgoing,
  type OutgoingListener,
  TAKEN,
} from '../receive/seam.ts';
import type { ContractRoute, ExternalRoute, PageRoute } from '../route/route.ts';
import { findRoute } from './find-route.ts';
import type { PipelineParts } from './parts.ts';

const NOTHING = Object.freeze({});

/** Makes what a receiver asks. It never throws. */
export function createPipeline(parts: PipelineParts): Handler {
  return (incoming, outgoing) => {
    new Pipeline(parts, incoming, outgoing).start();
    return TAKEN;
  };
}

/** One request under way. */
class Pipeline implements OutgoingListener, Responder {
  readonly #parts: PipelineParts;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #record: RequestRecord;
  #quota: Readonly<Record<string, string>> = NOTHING;
  #cors: Readonly<Record<string, string>> = NOTHING;
  #request: GatewayRequest | undefined;
  #relay: Relay | undefined;
  #closed = false;

  constructor(parts: PipelineParts, incoming: Incoming, outgoing: Outgoing) {
    this.#parts = parts;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    const verb = isVerb(incoming.method) ? incoming.method : OTHER_VERB;
    this.#record = parts.observer.begin(verb, addressOf(incoming, parts.proxies), incoming);
    outgoing.listener = this;
  }

  start(): void {
    try {
      // Node forgets the peer of a connection that is gone.
      if (this.#incoming.peerAddress === '') throw commonErrors.CANCELLED();
      this.#cors = this.#parts.cors(this.#incoming);
      // Before the request is judged: nonsense counts too.
      this.#quota = this.#parts.limit.take(this.#record.address);
      const request = this.#routed();
      if (request === undefined) return;
      this.#request = request;
      const known = identifyKnown(this.#parts.identifying, request.head, request.route);
      if (isUnverified(known)) void this.#identify(request);
      else this.#identified(request, known);
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  onDrain(): void {
    this.#relay?.onDrain();
  }

  onClosed(finished: boolean): void {
    this.#closed = true;
    this.#relay?.onClosed();
    this.#parts.observer.end(this.#record, finished);
  }

  refuse(thrown: unknown): void {
    if (this.#closed) return;
    const failure = failureOf(thrown);
    const response = problemResponse(failure, this.#record.traceId);
    noteFailure(this.#record, failure, response);
    this.respond(response);
  }

  respond(response: EdgeResponse): void {
    if (this.#closed) return;
    try {
      const { status, headers, body } = this.#staged(response);
      this.#record.status = status;
      this.#record.bytes = body?.length ?? 0;
      const marks = { ...this.#cors, ...this.#quota, 'x-request-id': this.#record.traceId };
      this.#outgoing.respond({ ...response, headers: { ...headers, ...marks } });
    } catch (thrown) {
      // What a stage throws takes the response's place, and no stage is asked again.
      if (this.#record.status === 0) this.refuse(thrown);
      else this.#abort(thrown);
    }
  }

  /** A response that cannot be sent as it is: this exchange is interrupted, and no other. */
  #abort(cause: unknown): void {
    const { error } = failureOf(cause);
    this.#record.code = error.code;
    this.#record.cause = error;
    this.#record.isFault = true;
    this.#outgoing.abort();
  }

  /** @returns undefined when there is a response already. */
  #routed(): GatewayRequest | undefined {
    const found = findRoute(this.#parts, {
      incoming: this.#incoming,
      outgoing: this.#outgoing,
      record: this.#record,
      quota: this.#quota,
      cors: this.#cors,
    });
    if ('route' in found) return found;
    this.respond(found);
    return undefined;
  }

  async #identify(request: GatewayRequest): Promise<void> {
    try {
      const identity = await this.#identityOf(request);
      if (!this.#closed) this.#identified(request, identity);
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  #identityOf({ address, head, incoming, route }: GatewayRequest): Promise<Identity> {
    const { authorization } = head;
    const bearing = { authorization, address, peerAddress: incoming.peerAddress };
    return identify(this.#parts.identifying, bearing, route);
  }

  #identified(request: GatewayRequest, identity: Identity): void {
    request.identity = identity;
    const { claims } = identity;
    if (claims !== undefined) {
      // Who looks at a denied request wants to know of it too.
      this.#record.subjectKind = 'person';
      this.#record.subjectId = claims.sub;
      this.#record.tokenScope = claims.scope;
    }
    const { route } = request;
    if (route.backend === 'page') void this.#show(request, route);
    else if (this.#parts.stages.beforeDecision.length > 0) void this.#ask(request, route);
    else this.#admit(request, route);
  }

  /** Asks the stages of a team's own. */
  async #ask(request: GatewayRequest, route: ContractRoute | ExternalRoute): Promise<void> {
    try {
      await runBeforeDecision(this.#parts.stages.beforeDecision, request);
      // What the token stands for may have been revoked while they waited.
      request.identity = await this.#identityOf(request);
      if (!this.#closed) this.#admit(request, route);
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  #admit(request: GatewayRequest, route: ContractRoute | ExternalRoute): void {
    const { deciding, minting } = this.#parts;
    if (route.backend === 'grpc') this.#record.methodId = route.id;
    const shared = sharedPassport(minting, request);
    // What a rule says of one token changes with the revocation feed alone, and that only for `fresh` ones.
    if (shared !== undefined && !route.rule.fresh) {
      this.#record.decision = 'allow';
      this.#forward(request, route, shared);
      return;
    }
    const subject = authorise(deciding, request, this.#record);
    this.#record.subjectKind = subject.kind;
    this.#forward(request, route, shared ?? subject);
  }

  /** @param by - the passport, or whom one is minted for. */
  #forward(
    request: GatewayRequest,
    route: ContractRoute | ExternalRoute,
    by: string | AccessSubject,
  ): void {
    if (route.backend === 'grpc') {
      void this.#call(request, route, by);
      return;
    }
    const passport = typeof by === 'string' ? by : mint(this.#parts.minting, request, by);
    const passing = { route, passport, responder: this };
    this.#relay = proxyRequest(this.#parts.http, request, passing);
  }

  async #call(
    request: GatewayRequest,
    { method }: ContractRoute,
    by: string | AccessSubject,
  ): Promise<void> {
    const { grpc, minting } = this.#parts;
    const passport = () => (typeof by === 'string' ? by : mint(minting, request, by));
    try {
      this.respond(await callService(grpc, request, { method, passport }));
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  async #show({ target, head, address }: GatewayRequest, { page }: PageRoute): Promise<void> {
    this.#record.isPage = true;
    const { host, throughProxy } = head;
    try {
      const asked = { segments: target.segments, host, address, throughProxy };
      this.respond(await page.respond(asked));
    } catch (thrown) {
      this.refuse(thrown);
    }
  }

  /** What the stages of a team's own make of a whole response. */
  #staged(response: EdgeResponse): EdgeResponse {
    const request = this.#request;
    const { onResponse } = this.#parts.stages;
    if (request === undefined || request.route.backend === 'page') return response;
    if (onResponse.length === 0 && request.responseHeaders === undefined) return response;
    const headers = Object.entries(response.headers).flat();
    runOnResponse(onResponse, request, { status: response.status, headers });
    const pairs = headers.flatMap((name, at) =>
      at % 2 === 0 ? [[name, headers[at + 1] ?? '']] : [],
    );
    return { ...response, headers: Object.fromEntries(pairs) };
  }
}
