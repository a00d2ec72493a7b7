/**
 * What `gateway.yaml` comes to: the routes to services that are not ours, and where these are. Every
 * default is filled in, every unit is in a name, and all of it was checked; see `file/`.
 */
import type { AccessRule } from '@gatehouse/contracts';
import type { Verb } from '@gatehouse/wire';

/** One route to a service that speaks plain HTTP. */
export interface HttpRoute {
  /** Unique. The passport's `tctx.method` is `http:<name>`; metrics and spans go by it too. */
  readonly name: string;
  /** Exact names, or `*.example.org` for every name below it; lower case. Empty: any host. */
  readonly hosts: readonly string[];
  /**
   * `/orders/{id}`, `/files/{path=**}`: literal segments, whole-segment variables, and as the last
   * segment a rest, which takes none, one or many. Compared with decoded segments.
   */
  readonly template: string;
  /** `GET` implies `HEAD`. */
  readonly methods: readonly Verb[];
  /** `subject` is ANYONE or SIGNED_IN; `callers` is the gateway. */
  readonly rule: AccessRule;
  /** A key of {@link RouteSet.upstreams}. */
  readonly upstream: string;
  readonly timeouts: HttpTimeouts;
  /** More attempts after the first one: of safe methods only, and within the upstream's budget. */
  readonly retries: number;
  readonly rewrite: HttpRewrite;
  /** Per client address, for this route alone. */
  readonly limit: { readonly perSecond: number; readonly burst: number } | undefined;
  /** Undefined: no bound; a body is streamed. */
  readonly maxBodyBytes: number | undefined;
  readonly websocket: boolean;
}

/** How long each part of an exchange may take. */
export interface HttpTimeouts {
  readonly connectMs: number;
  /** From the request's end to the response's head. */
  readonly firstByteMs: number;
  /** In which nothing moves. */
  readonly idleMs: number;
  /** Of the whole exchange. Undefined: no bound. */
  readonly totalMs: number | undefined;
}

/** What is changed on the way through. */
export interface HttpRewrite {
  /** Whole segments at the front of the path; both begin with a slash and are canonical. */
  readonly prefix?: { readonly from: string; readonly to: string };
  /** The `Host` that the upstream sees: the client's, or the address that is called. */
  readonly host: 'keep' | 'upstream';
  readonly requestHeaders: HeaderEdits;
  readonly responseHeaders: HeaderEdits;
}

/**
 * Headers to set and to take away, by lower-case name. Never Host, framing, hop-by-hop, `Txn-Token`,
 * `Authorization`, or forwarding headers, in any spelling.
 */
export interface HeaderEdits {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: ReadonlySet<string>;
}

/** Where requests go, and how. */
export interface UpstreamSettings {
  readonly name: string;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** Undefined: plain. Members are paths of PEM files, read again when they change. */
  readonly tls:
    | {
        /** Default: the system's authorities. */
        readonly ca?: string;
        /** The name in the upstream's certificate. Default: the host of the address. */
        readonly serverName?: string;
        /** In place of a name: the workload that the certificate must be of. Not for the file. */
        readonly spiffeId?: string;
        readonly cert?: string;
        readonly key?: string;
      }
    | undefined;
  readonly health: {
    readonly active?: ActiveHealth;
    readonly passive: PassiveHealth;
  };
  /** In which a returned address comes up to its full share. */
  readonly slowStartMs: number;
  readonly maxConnectionsPerAddress: number;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  readonly retryBudget: { readonly ratio: number; readonly minPerSecond: number };
  readonly forwarding: 'forwarded' | 'x-forwarded';
}

/** A request that is made to each address to see whether it is well. */
export interface ActiveHealth {
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unhealthyAfter: number;
  readonly healthyAfter: number;
}

/** What requests themselves say about an address. */
export interface PassiveHealth {
  readonly consecutiveFailures: number;
  /** The first ejection; each next one is twice as long. */
  readonly ejectMs: number;
  readonly maxEjectMs: number;
}
