/**
 * Says what is wrong with the bytes that came to an upstream. It knows no attack: what came must have
 * one reading, and in each reading that some server makes of a path it must be what the passport was
 * minted for.
 */
import type { Recorded } from './recording-upstream.ts';
import { readStrictly, type StrictRequest } from './strict-request.ts';

/** The word that attackers put into headers that only the gateway may set. */
export const SPOOF = 'spoofed-by-client';
/** The part of every path that only administrators may see. */
export const GUARDED = 'admin';

/** A host whose paths only administrators may see, and its route. */
export const GUARDED_HOST = 'guarded.example';
export const GUARDED_HOST_ROUTE = 'guarded-host';

/** What only the gateway says, however it is spelt. */
const OURS = [
  ...['txn-token', 'forwarded', 'x-real-ip', 'host', 'content-length', 'transfer-encoding'],
  ...['connection', 'authorization', 'x-envoy-original-path', 'x-original-url', 'x-rewrite-url'],
];
const HOP_BY_HOP = new Set([
  ...['keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te'],
  ...['trailer', 'upgrade', 'http2-settings'],
]);

/**
 * @param received - bytes by connection.
 * @param options.passports - false: it stands behind a proxy that mints none.
 * @param options.upgrades - true: a request may ask for another protocol.
 * @returns one line for each fault; none: all that came is what was decided on.
 */
export function faultsIn(
  received: readonly Recorded[],
  options: { readonly passports: boolean; readonly upgrades?: boolean },
): readonly string[] {
  return received.flatMap(({ bytes, isClosed }) => {
    const { requests, rest, half, fault } = readStrictly(bytes);
    const whole = half === undefined ? requests : [...requests, half];
    return [
      ...(fault === undefined ? [] : [`two readings: ${fault}`]),
      // An interrupted one is seen as such by all, once its connection is closed.
      ...(fault === undefined && rest.length > 0 && !isClosed
        ? ['half a request is waited for']
        : []),
      ...whole.flatMap((request) => faultsOf(request, options)),
    ];
  });
}

function faultsOf(
  request: StrictRequest,
  { passports, upgrades = false }: Parameters<typeof faultsIn>[1],
): readonly string[] {
  const { target } = request;
  const faults: string[] = [];
  const routes = passports ? passportRoutes(request) : [];
  if (passports && routes.length !== 1) faults.push(`${routes.length} passports for ${target}`);
  const guarded = readingsOf(target).find(isGuarded);
  if (guarded !== undefined && routes[0] !== GUARDED) {
    faults.push(`${target} is read as ${guarded}, which was not decided on`);
  }
  if (hostOf(request) === GUARDED_HOST && routes[0] !== GUARDED_HOST_ROUTE) {
    faults.push(`it is read as for ${GUARDED_HOST}, which was not decided on`);
  }
  return [...faults, ...headerFaults(request, upgrades)];
}

/** As servers compare it: without case, port and the dot of the root. */
function hostOf({ headers }: StrictRequest): string {
  const host = headers.find(([name]) => name === 'host')?.[1] ?? '';
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}

function headerFaults({ headers, trailers }: StrictRequest, upgrades: boolean): readonly string[] {
  const faults: string[] = [];
  for (const [name, value] of [...headers, ...trailers]) {
    const cgi = name.replaceAll(/[^a-z0-9]/g, '-');
    if (cgi !== name && isOurs(cgi)) faults.push(`${name} is read as ${cgi}`);
    if (HOP_BY_HOP.has(name) && !(upgrades && name === 'upgrade'))
      faults.push(`${name} goes no further than one hop`);
    if (value.includes(SPOOF) && isOurs(cgi)) faults.push(`the client says ${name}`);
  }
  for (const [name] of trailers) if (isOurs(name)) faults.push(`${name} in a trailer`);
  return faults;
}

function isOurs(name: string): boolean {
  return OURS.includes(name) || name.startsWith('x-forwarded-');
}

/** For which routes this request has passports. */
function passportRoutes({ headers }: StrictRequest): readonly string[] {
  return headers.filter(([name]) => name === 'txn-token').map(([, value]) => routeOf(value));
}

function routeOf(passport: string): string {
  try {
    const claims = JSON.parse(Buffer.from(passport.split('.')[1] ?? '', 'base64url').toString());
    return String(claims.tctx.method).replace(/^http:/, '');
  } catch {
    return `no passport: ${passport.slice(0, 40)}`;
  }
}

function isGuarded(path: string): boolean {
  const first = path.split('/').find((segment) => segment !== '');
  return first?.toLowerCase() === GUARDED;
}

/**
 * A path as the servers of this world read it: decoded once and again, with backslashes for slashes,
 * cut at what some take for an end, parameters of segments dropped, dots resolved, slashes merged.
 */
export function readingsOf(target: string): readonly string[] {
  const readings = new Set<string>([target]);
  const steps: readonly ((path: string) => string)[] = [
    (path) => path.split(/[?#]/)[0] ?? '',
    decodeOnce,
    (path) => path.replaceAll('\\', '/'),
    (path) => path.split('\0')[0] ?? '',
    (path) => path.replaceAll(/;[^/]*/g, ''),
    (path) => path.replace(/^https?:\/\/[^/]*/i, ''),
    (path) => path.replaceAll(/\/+/g, '/'),
    (path) => path.replaceAll(/[\t\n\r ]/g, ''),
    resolveDots,
  ];
  // Any order: as long as a step makes something new of anything.
  for (const reading of readings) {
    for (const step of steps) if (readings.size < 500) readings.add(step(reading));
  }
  return [...readings].map((reading) => reading.split('?')[0] ?? '');
}

function decodeOnce(path: string): string {
  return path.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function resolveDots(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  return kept.join('/');
}
