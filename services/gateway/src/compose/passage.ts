/**
 * The way of one request on a foreign route: from its head, which is judged at once and mostly
 * without a wait, to the upstream. What comes back is the `Relay`'s.
 */
import {
  BoundedBody,
  isVerb,
  type PathMatch,
  type RequestHead,
  readHead,
  type Target,
  type Verb,
} from '@gatehouse/wire';
import { edgeErrors, Refused } from '../errors.ts';
import { Relay } from '../forward/http/relay.ts';
import { rewrittenTarget } from '../forward/http/rewrite.ts';
import { markLines, protoOf, upstreamHead } from '../forward/http/upstream-head.ts';
import { handshakeKey } from '../forward/http/websocket.ts';
import { type Identity, identify, identifyKnown, isUnverified } from '../identify/identify.ts';
import { admit } from '../mint/admit.ts';
import type { Sight } from '../observe/http-observer.ts';
import { addressOf } from '../receive/client-address.ts';
import { COMMON_HEADERS } from '../receive/common-headers.ts';
import { failureOf, problemAnswer } from '../receive/problem.ts';
import type { Answer, Incoming, Outgoing, OutgoingListener } from '../receive/seam.ts';
import { checkHead, strictnessOf } from '../receive/strictness.ts';
import type { HttpRoute } from '../route/http-route.ts';
import type { LiveConfig, ProxyParts } from './parts.ts';

/** What a request was found to mean. */
export interface Found {
  readonly config: LiveConfig;
  readonly path: PathMatch<HttpRoute>;
  readonly target: Target;
}

/** What the head of a request comes to. */
interface Judged {
  readonly route: HttpRoute;
  readonly verb: Verb;
  readonly head: RequestHead;
  readonly handshakeKey: string | undefined;
}

/** As long as the receiver waits by itself when nothing moves. */
const STALL_MS = 60_000;
const NOTHING = Object.freeze({});

/** One request under way. */
export class Passage implements OutgoingListener {
  readonly #parts: ProxyParts;
  readonly #found: Found;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #sight: Sight;
  #quota: Readonly<Record<string, string>> = NOTHING;
  #cors: Readonly<Record<string, string>> = NOTHING;
  #relay: Relay | undefined;
  #closed = false;

  constructor(
    parts: ProxyParts,
    found: Found,
    [incoming, outgoing]: readonly [Incoming, Outgoing],
  ) {
    this.#parts = parts;
    this.#found = found;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    const { method } = incoming;
    const route = found.path.byVerb.get(method)?.name ?? '';
    const address = addressOf(incoming, parts.proxies);
    const seen = { verb: isVerb(method) ? method : '_OTHER', route, address };
    this.#sight = parts.observer.begin(seen, incoming);
    outgoing.listener = this;
  }

  /** Judges the head and sends the request on, or answers it. Never throws. */
  start(): void {
    try {
      this.#cors = this.#parts.cors(this.#incoming);
      this.#quota = this.#parts.limit.take(this.#sight.address);
      const judged = this.#judge();
      if (judged === undefined) return;
      const { head, route } = judged;
      const identity = identifyKnown(this.#parts.identifying, head, route);
      if (isUnverified(identity)) void this.#identify(judged);
      else this.#forward(judged, identity);
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  onDrain(): void {
    this.#relay?.onDrain();
  }

  onClosed(finished: boolean): void {
    this.#closed = true;
    this.#relay?.onClosed();
    this.#parts.observer.end(this.#sight, finished);
  }

  /** @returns undefined when it was answered here. */
  #judge(): Judged | undefined {
    const verb = this.#incoming.method;
    if (!isVerb(verb)) throw edgeErrors.METHOD_UNKNOWN();
    const head = readHead(this.#incoming);
    const { byVerb, allow } = this.#found.path;
    const route = byVerb.get(verb);
    checkHead(head, this.#incoming.upgrading, strictnessOf(route));
    if (route === undefined) {
      if (verb !== 'OPTIONS') throw new Refused(edgeErrors.METHOD_NOT_ALLOWED(), { allow });
      this.#answer({ status: 204, headers: { ...COMMON_HEADERS, allow } });
      return undefined;
    }
    this.#parts.routeLimit(route)?.take(this.#sight.address);
    const { maxBodyBytes = Number.POSITIVE_INFINITY } = route;
    if ((head.lengthBytes ?? 0) > maxBodyBytes) throw edgeErrors.BODY_TOO_LARGE();
    return { route, verb, head, handshakeKey: this.#handshakeKey(head) };
  }

  #handshakeKey(head: RequestHead): string | undefined {
    const { upgrading, method } = this.#incoming;
    return upgrading ? handshakeKey(method, head) : undefined;
  }

  async #identify(judged: Judged): Promise<void> {
    try {
      const { authorization } = judged.head;
      const { peerAddress } = this.#incoming;
      const request = { authorization, address: this.#sight.address, peerAddress };
      const identity = await identify(this.#parts.identifying, request, judged.route);
      if (!this.#closed) this.#forward(judged, identity);
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  #forward(judged: Judged, identity: Identity): void {
    const { route, head, verb } = judged;
    const sight = this.#sight;
    if (identity.claims !== undefined) sight.subjectId = identity.claims.sub;
    const { address, traceId, traceparent } = sight;
    const note = (decision: string): void => {
      sight.decision = decision;
    };
    const passport = admit(this.#parts.admitting, { route, verb, address, identity, note });
    const { config, target } = this.#found;
    const rewritten = rewrittenTarget(route.rewrite.prefix, target);
    const settings = config.set.upstreams.get(route.upstream);
    if (rewritten === undefined || settings === undefined) throw edgeErrors.NOT_FOUND();
    const { timeouts, retries } = route;
    const stallMs = Math.max(timeouts.firstByteMs, timeouts.idleMs);
    if (stallMs > STALL_MS) this.#outgoing.stallAfter(stallMs);
    const proto = protoOf(this.#incoming, this.#parts.proxies);
    const headers = upstreamHead(route, { address, proto, host: head.host }, head, settings);
    const relay = this.#relayOf(judged, identity);
    this.#relay = relay;
    relay.follows(
      config.upstreams.client(route.upstream).dispatch(
        {
          method: verb,
          target: rewritten,
          headers,
          ownLines: markLines({ traceId, traceparent, passport }),
          body: head.hasBody ? this.#bodyOf(judged, relay) : undefined,
          trailers: () => this.#incoming.trailers(),
          expectContinue: head.expectsContinue && head.hasBody,
          upgrade: judged.handshakeKey === undefined ? undefined : 'websocket',
          timeouts,
          retries,
        },
        relay,
      ),
    );
  }

  #relayOf({ route, handshakeKey: key }: Judged, identity: Identity): Relay {
    return new Relay({
      outgoing: this.#outgoing,
      route,
      sight: this.#sight,
      marks: { traceId: this.#sight.traceId, quota: this.#quota, cors: this.#cors },
      identity,
      live: this.#parts.live,
      handshakeKey: key,
      refuse: (error) => this.#refuse(error),
    });
  }

  #bodyOf({ route: { maxBodyBytes }, head }: Judged, relay: Relay) {
    const source = this.#incoming.body;
    const length = head.lengthBytes;
    if (maxBodyBytes === undefined || length !== undefined) return { source, length };
    const bounded = new BoundedBody(source, maxBodyBytes, () => relay.bodyTooLarge());
    return { source: bounded, length: undefined };
  }

  #refuse(thrown: unknown): void {
    const failure = failureOf(thrown);
    this.#sight.code = failure.error.code;
    const answer = problemAnswer(failure, this.#sight.traceId);
    if (answer.status >= 500 && answer.status !== 501) this.#sight.fault = failure.error;
    this.#answer(answer);
  }

  #answer(answer: Answer): void {
    if (this.#closed) return;
    this.#sight.status = answer.status;
    const marks = { ...this.#quota, ...this.#cors, 'x-request-id': this.#sight.traceId };
    this.#outgoing.answer({ ...answer, headers: { ...answer.headers, ...marks } });
  }
}
