/**
 * What `gateway.schema.json` admits, with its defaults filled in. The schema says what each part means;
 * `schema.test.ts` compares the two.
 */

import type { HttpRoute } from '../route/http-route.ts';

/** `250ms`, `5s`, `2m`, `1h`. */
type Duration = string;
type OneOrMore = string | readonly string[];

interface LimitInFile {
  readonly per_second: number;
  readonly burst: number;
}

/** Headers that are changed. */
export interface HeadersInFile {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** One member of `routes`. */
export interface RouteInFile {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly path: string;
  readonly methods: HttpRoute['methods'];
  readonly rule: {
    readonly subject: 'ANYONE' | 'SIGNED_IN';
    readonly scopes: OneOrMore;
    readonly roles: OneOrMore;
    readonly auth_level: number;
    readonly carries: OneOrMore;
    readonly fresh: boolean;
    readonly ignore_bearer: boolean;
  };
  readonly upstream: string;
  readonly timeouts: {
    readonly connect: Duration;
    readonly first_byte: Duration;
    readonly idle: Duration;
    readonly total?: Duration;
  };
  readonly retries: number;
  readonly rewrite: {
    readonly prefix?: { readonly from: string; readonly to: string };
    readonly host: 'keep' | 'upstream';
    readonly request_headers: HeadersInFile;
    readonly response_headers: HeadersInFile;
  };
  readonly limit?: LimitInFile;
  readonly max_body?: string;
  readonly websocket: boolean;
}

/** One member of `upstreams`. */
export interface UpstreamInFile {
  readonly addresses: readonly string[];
  readonly tls?: {
    readonly ca?: string;
    readonly server_name?: string;
    readonly cert?: string;
    readonly key?: string;
  };
  readonly health?: {
    readonly path: string;
    readonly interval: Duration;
    readonly timeout: Duration;
    readonly unhealthy_after: number;
    readonly healthy_after: number;
  };
  readonly ejection: {
    readonly failures: number;
    readonly for: Duration;
    readonly at_most: Duration;
  };
  readonly slow_start: Duration;
  readonly max_connections: number;
  readonly keep_alive: Duration;
  readonly retry_budget: { readonly ratio: number; readonly min_per_second: number };
  readonly forwarding: 'forwarded' | 'x-forwarded';
}

/** One member of `issuers`. */
export interface IssuerInFile {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks_uri?: string;
  readonly key_file?: string;
  readonly token_types: readonly string[];
  readonly require: Readonly<Record<string, string>>;
  readonly scope_claim: OneOrMore;
  readonly scopes?: OneOrMore;
  readonly roles_claim: OneOrMore;
  readonly subject_prefix?: string;
  readonly auth_levels: Readonly<Record<string, number>>;
  readonly max_age?: Duration;
}

export interface ListenInFile {
  readonly address: string;
  readonly port: number;
  readonly admin_port: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly trusted_proxies: readonly string[];
  readonly cors_origins: readonly string[];
  readonly limit: LimitInFile;
  readonly max_connections: number;
  readonly max_connections_per_address: number;
}

export interface PassportsInFile {
  readonly issuer: string;
  readonly audience: string;
  readonly key_folder?: string;
  readonly rotate_every: Duration;
}
