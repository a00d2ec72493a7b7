/** The head that an upstream sees: what may pass of the client's, and what we say ourselves. */
import { fieldName, firstValue, type RequestHead } from '@gatehouse/wire';
import { plainAddress, type TrustedProxies } from '../../receive/client-address.ts';
import type { Incoming } from '../../receive/seam.ts';
import type { HttpRoute, UpstreamSettings } from '../../route/http-route.ts';

/** What we know of a request, and the upstream is told. */
export interface Forwarding {
  readonly address: string;
  readonly proto: 'http' | 'https';
  readonly host: string | undefined;
  /** By lower-case name, checked: what stages of a team's own set. */
  readonly added?: ReadonlyMap<string, string> | undefined;
}

/**
 * Names and values in turn. Of `Authorization` only another scheme than Bearer is passed on, and only
 * where the route does not look at it: a client's token never leaves the gateway.
 */
export function upstreamHead(
  route: HttpRoute,
  forwarding: Forwarding,
  head: RequestHead,
  settings: UpstreamSettings,
): string[] {
  const { rewrite } = route;
  const { set, remove } = rewrite.requestHeaders;
  const { added } = forwarding;
  const edited = [...set.keys(), ...remove, ...(added?.keys() ?? [])];
  const headers = edited.length === 0 ? head.passed : withoutLookalikes(head.passed, edited);
  for (const [name, value] of set) if (added?.has(name) !== true) headers.push(name, value);
  if (added !== undefined) for (const [name, value] of added) headers.push(name, value);
  // HTTP/1.1 needs one; a client of 1.0 may have none.
  headers.push('host', rewrite.host === 'keep' ? (forwarding.host ?? '') : ownHost(settings));
  if (settings.forwarding === 'forwarded') headers.push('forwarded', forwardedOf(forwarding));
  else pushXForwarded(headers, forwarding);
  if (route.rule.ignoreBearer && isOtherScheme(head.authorization)) {
    headers.push('authorization', head.authorization);
  }
  return headers;
}

/** A server that folds names would read `X_Tenant` of a client as the `X-Tenant` that is set here. */
function withoutLookalikes(passed: readonly string[], edited: readonly string[]): string[] {
  const taken = new Set(edited.map((name) => fieldName(name).letters));
  return passed.filter(
    (_, index) => !taken.has(fieldName(passed[index - (index % 2)] as string).letters),
  );
}

/** What a request is called, and the passport that it passes with: each made here. */
export interface Marks {
  /** Hexadecimal. */
  readonly traceId: string;
  readonly traceparent: string;
  /** A compact token. */
  readonly passport: string;
}

/** The lines of them, behind those of {@link upstreamHead}. */
export function markLines({ traceId, traceparent, passport }: Marks): string {
  return `x-request-id: ${traceId}\r\ntraceparent: ${traceparent}\r\ntxn-token: ${passport}\r\n`;
}

/**
 * How the client came: over TLS to us, or to the trusted proxy that says so. What any other client
 * says of it is not looked at.
 */
export function protoOf(incoming: Incoming, proxies: TrustedProxies): Forwarding['proto'] {
  if (incoming.secure) return 'https';
  const said = firstValue(incoming.rawHeaders, 'x-forwarded-proto');
  return said === 'https' && proxies.isTrusted(plainAddress(incoming.peerAddress))
    ? 'https'
    : 'http';
}

/** The upstream's own name: all its addresses are one site. */
function ownHost({ tls, addresses }: UpstreamSettings): string {
  const { host, port } = addresses[0] as UpstreamSettings['addresses'][number];
  const name = tls?.serverName ?? (host.includes(':') ? `[${host}]` : host);
  return port === (tls === undefined ? 80 : 443) ? name : `${name}:${port}`;
}

/** RFC 7239: one element, ours; the client's own were dropped. */
function forwardedOf({ address, proto, host }: Forwarding): string {
  const by = address.includes(':') ? `"[${address}]"` : address;
  // A host of `checkHost` has nothing that a quoted string would have to escape.
  return host === undefined
    ? `for=${by};proto=${proto}`
    : `for=${by};host="${host}";proto=${proto}`;
}

function pushXForwarded(headers: string[], { address, proto, host }: Forwarding): void {
  headers.push('x-forwarded-for', address, 'x-forwarded-proto', proto);
  if (host === undefined) return;
  const port = /:([0-9]+)$/.exec(host)?.[1] ?? (proto === 'https' ? '443' : '80');
  headers.push('x-forwarded-host', host, 'x-forwarded-port', port);
}

function isOtherScheme(authorization: string | undefined): authorization is string {
  const scheme = /^([A-Za-z0-9-]+) /.exec(authorization ?? '')?.[1]?.toLowerCase();
  return scheme !== undefined && scheme !== 'bearer' && scheme !== 'dpop';
}
