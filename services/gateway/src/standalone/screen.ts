/** The screen of a start: where it listens, what can be reached, what to try. */

import type { AccessRule } from '@gatehouse/contracts';
import { PASSPORT_KEYS_PATH } from '../file/read-file.ts';
import type { HttpRoute } from '../route/http-route.ts';
import type { ConfigFile } from './config-file.ts';

/** Where it came to listen. */
export interface Ports {
  readonly edge: number;
  readonly admin: number;
}

const MAX_ROUTES = 12;

export function startScreen({ path, value }: ConfigFile, ports: Ports): string {
  const { listen, issuers, passports, routes } = value;
  const edge = `${listen.tls === undefined ? 'http' : 'https'}://${hostOf(listen.address)}:${ports.edge}`;
  return [
    '',
    'The gateway is up.',
    '',
    `  edge            ${edge}`,
    `  passport keys   ${edge}${PASSPORT_KEYS_PATH}`,
    `                  iss ${passports.issuer}, aud ${passports.audience}`,
    `  admin           http://127.0.0.1:${ports.admin}   (/readyz, /metrics, /routes)`,
    `  token issuers   ${issuers.map(({ issuer }) => issuer).join(', ')}`,
    '',
    ...routeLines(routes.routes),
    '',
    'What to try',
    `  npx gatehouse explain ${exampleOf(routes.routes[0])} --admin ${ports.admin}`,
    `  curl -i ${edge}${pathOf(routes.routes[0])}`,
    '',
    `${path} is reloaded when it changes, and on SIGHUP. Ctrl-C stops the gateway.`,
    '',
  ].join('\n');
}

/** What `--check` says of a file in which nothing is wrong. */
export function checkedScreen({ path, value }: ConfigFile): string {
  const { routes, issuers } = value;
  const counts = [
    count(routes.routes.length, 'route'),
    count(routes.upstreams.size, 'upstream'),
    count(issuers.length, 'issuer'),
  ];
  return `${path} is valid: ${counts.join(', ')}.\n`;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

function routeLines(routes: readonly HttpRoute[]): readonly string[] {
  const rows = routes.slice(0, MAX_ROUTES).map((route) => {
    const host = route.hosts[0] ?? '';
    const more = route.hosts.length > 1 ? `+${route.hosts.length - 1}` : '';
    return [
      route.methods.join(','),
      `${host}${more}${route.template}`,
      `→ ${route.upstream}`,
      ruleInWords(route.rule),
    ];
  });
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map(
    (row) =>
      `  ${row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}`,
  );
  const left = routes.length - rows.length;
  return left === 0 ? lines : [...lines, `  and ${left} more: npx gatehouse routes`];
}

/** `signed in, scope orders:read`. */
function ruleInWords({ subject, scopes, roles, authLevel, ignoreBearer }: AccessRule): string {
  return [
    subject === 'ANYONE' ? 'anyone' : 'signed in',
    ...scopes.map((scope) => `scope ${scope}`),
    ...(roles.length === 0 ? [] : [`role ${roles.join(' or ')}`]),
    ...(authLevel === 0 ? [] : [`auth level ${authLevel}`]),
    ...(ignoreBearer ? ['token ignored'] : []),
  ].join(', ');
}

function exampleOf(route: HttpRoute | undefined): string {
  return `${route?.methods[0] ?? 'GET'} ${pathOf(route)}`;
}

/** A path of the route, with something for each variable. */
function pathOf(route: HttpRoute | undefined): string {
  return (route?.template ?? '/').replace(/\{[^=}]+=\*\*\}/, 'a').replaceAll(/\{[^}]+\}/g, '1');
}

function hostOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return 'localhost';
  return address.includes(':') ? `[${address}]` : address;
}
