/** A route of the file as the gateway's parts take it. */
import type { AccessRule } from '@gatehouse/contracts';
import type { HttpRewrite, HttpRoute, HttpTimeouts } from '../route/http-route.ts';
import type { RouteInFile } from './file-types.ts';
import { readHeaderEdits } from './header-edits.ts';
import { below, type Report } from './report.ts';
import { beginsWith, checkTemplate, isLiteralPrefix } from './template.ts';
import { bytes, milliseconds } from './units.ts';

const LONGEST_MS = 24 * 3_600_000;
/** What a passport has room for. */
const MAX_SCOPE_CHARACTERS = 2048;

/** Reads one route; what is wrong goes to the report, whose paths begin at it. */
export function readRoute(route: RouteInFile, report: Report): HttpRoute {
  checkTemplate(route.path, report);
  if (route.websocket && !route.methods.includes('GET')) {
    report.add(['websocket'], 'A WebSocket begins with GET, which "methods" leaves out.');
  }
  return {
    name: route.name,
    hosts: route.hosts,
    template: route.path,
    methods: route.methods,
    rule: readRule(route.rule, below(report, 'rule')),
    upstream: route.upstream,
    timeouts: readTimeouts(route.timeouts, below(report, 'timeouts')),
    retries: route.retries,
    rewrite: readRewrite(route, below(report, 'rewrite')),
    limit:
      route.limit === undefined
        ? undefined
        : { perSecond: route.limit.per_second, burst: route.limit.burst },
    maxBodyBytes: route.max_body === undefined ? undefined : bytes(route.max_body),
    websocket: route.websocket,
  };
}

function readRule(rule: RouteInFile['rule'], report: Report): AccessRule {
  const scopes = [rule.scopes].flat();
  const roles = [rule.roles].flat();
  const asksMore = scopes.length + roles.length + rule.auth_level > 0;
  if (rule.subject === 'ANYONE' && asksMore) {
    report.add(
      ['subject'],
      'A rule for ANYONE cannot ask for scopes, roles or a level.',
      'Write SIGNED_IN.',
    );
  }
  if ([...scopes, rule.carries].flat().join(' ').length > MAX_SCOPE_CHARACTERS) {
    report.add(
      ['scopes'],
      'A passport has room for 2048 characters of scopes, "carries" included.',
    );
  }
  if (rule.ignore_bearer && rule.subject !== 'ANYONE') {
    report.add(['ignore_bearer'], '"ignore_bearer" applies to ANYONE only.');
  }
  return {
    subject: rule.subject,
    scopes,
    roles,
    authLevel: rule.auth_level,
    callers: ['gateway'],
    carries: [rule.carries].flat(),
    fresh: rule.fresh,
    ignoreBearer: rule.ignore_bearer,
  };
}

function readTimeouts(timeouts: RouteInFile['timeouts'], report: Report): HttpTimeouts {
  const read = (name: keyof RouteInFile['timeouts']): number => {
    const ms = milliseconds(timeouts[name] ?? '0ms');
    if (timeouts[name] !== undefined && (ms === 0 || ms > LONGEST_MS)) {
      report.add([name], `"${name}" is from 1ms to 24h.`);
    }
    return ms;
  };
  const totalMs = timeouts.total === undefined ? undefined : read('total');
  const connectMs = read('connect');
  if (totalMs !== undefined && totalMs < connectMs) {
    report.add(['total'], '"total" is shorter than "connect".');
  }
  return { connectMs, firstByteMs: read('first_byte'), idleMs: read('idle'), totalMs };
}

function readRewrite({ rewrite, path }: RouteInFile, report: Report): HttpRewrite {
  const { prefix, host } = rewrite;
  if (prefix !== undefined) checkPrefix(prefix, path, below(report, 'prefix'));
  return {
    ...(prefix === undefined ? {} : { prefix }),
    host,
    requestHeaders: readHeaderEdits(
      rewrite.request_headers,
      'request',
      below(report, 'request_headers'),
    ),
    responseHeaders: readHeaderEdits(
      rewrite.response_headers,
      'response',
      below(report, 'response_headers'),
    ),
  };
}

function checkPrefix(
  { from, to }: { readonly from: string; readonly to: string },
  template: string,
  report: Report,
): void {
  for (const [name, prefix] of Object.entries({ from, to })) {
    if (isLiteralPrefix(prefix)) continue;
    report.add(
      [name],
      `"${name}" must be / or literal segments such as /api/v1: no variable, no dots, no encoding, no query, no slash at the end.`,
    );
  }
  if (isLiteralPrefix(from) && !beginsWith(template, from)) {
    report.add(['from'], `The path of this route does not begin with the segments of ${from}.`);
  }
}
