/** An upstream of the file as the gateway's parts take it. */
import { GatehouseError } from '@gatehouse/errors';
import { readTarget } from '@gatehouse/wire';
import type { ActiveHealth, UpstreamSettings } from '../route/http-route.ts';
import type { UpstreamInFile } from './file-types.ts';
import type { ReadingFiles } from './named-files.ts';
import { didYouMean } from './problem.ts';
import { below, type Report } from './report.ts';
import { milliseconds } from './units.ts';

const ADDRESS =
  /^(?<host>[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):(?<port>[1-9][0-9]{0,4})$/;
const SHORTEST_INTERVAL_MS = 100;

/** Reads one upstream; what is wrong goes to the report, whose paths begin at it. */
export function readUpstream(
  name: string,
  upstream: UpstreamInFile,
  { files, report }: { readonly files: ReadingFiles; readonly report: Report },
): UpstreamSettings {
  const { ejection, retry_budget: budget } = upstream;
  const ejectMs = milliseconds(ejection.for);
  const maxEjectMs = milliseconds(ejection.at_most);
  if (maxEjectMs < ejectMs) report.add(['ejection'], '"at_most" is shorter than "for".');
  const active = activeHealth(upstream, below(report, 'health'));
  return {
    name,
    addresses: upstream.addresses.map((address, index) =>
      readAddress(address, (message, hint) => report.add(['addresses', index], message, hint)),
    ),
    tls: tlsOf(upstream, files, below(report, 'tls')),
    health: {
      ...(active === undefined ? {} : { active }),
      passive: { consecutiveFailures: ejection.failures, ejectMs, maxEjectMs },
    },
    slowStartMs: milliseconds(upstream.slow_start),
    maxConnectionsPerAddress: upstream.max_connections,
    keepAliveMs: milliseconds(upstream.keep_alive),
    retryBudget: { ratio: budget.ratio, minPerSecond: budget.min_per_second },
    forwarding: upstream.forwarding,
  };
}

function readAddress(
  address: string,
  wrong: (message: string, hint?: string) => void,
): { readonly host: string; readonly port: number } {
  const { host = '', port = '' } = ADDRESS.exec(address)?.groups ?? {};
  if (host === '' || Number(port) > 65_535) {
    const url = URL.parse(address);
    const secure = url?.protocol === 'https:';
    const isUrl = secure || url?.protocol === 'http:';
    const meant = isUrl ? `${url?.hostname}:${url?.port || (secure ? 443 : 80)}` : undefined;
    const tls = secure ? ', and "tls: {}" beside "addresses"' : '';
    wrong(
      `"${address}" is not host:port.`,
      meant === undefined ? 'Write it like 127.0.0.1:3000.' : `Write ${meant}${tls}.`,
    );
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function tlsOf(
  { tls }: UpstreamInFile,
  files: ReadingFiles,
  report: Report,
): UpstreamSettings['tls'] {
  if (tls === undefined) return undefined;
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    report.add([], '"cert" and "key" go together.');
  }
  const pem = (member: 'ca' | 'cert' | 'key'): Record<string, string> => {
    const path = tls[member];
    if (path === undefined) return {};
    const resolved = files.resolve(path);
    const fault = files.pemFault(resolved, member === 'key' ? 'key' : 'certificate');
    if (fault !== undefined) report.add([member], fault);
    return { [member]: resolved };
  };
  const serverName = tls.server_name;
  return {
    ...pem('ca'),
    ...pem('cert'),
    ...pem('key'),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

function activeHealth({ health }: UpstreamInFile, report: Report): ActiveHealth | undefined {
  if (health === undefined) return undefined;
  const intervalMs = milliseconds(health.interval);
  const timeoutMs = milliseconds(health.timeout);
  if (intervalMs < SHORTEST_INTERVAL_MS) report.add(['interval'], '"interval" is 100ms at least.');
  if (timeoutMs === 0) report.add(['timeout'], '"timeout" is 1ms at least.');
  const fault = targetFault(health.path);
  if (fault !== undefined) report.add(['path'], fault);
  return {
    path: health.path,
    intervalMs,
    timeoutMs,
    unhealthyAfter: health.unhealthy_after,
    healthyAfter: health.healthy_after,
  };
}

function targetFault(target: string): string | undefined {
  try {
    readTarget(target);
    return undefined;
  } catch (fault) {
    if (fault instanceof GatehouseError) return fault.message;
    throw fault;
  }
}

/** Reports the name of an upstream that is not there. */
export function checkUpstreamName(name: string, known: readonly string[], report: Report): void {
  if (known.includes(name)) return;
  const hint = didYouMean(name, known) ?? `There is: ${known.join(', ')}.`;
  report.add(['upstream'], `There is no upstream "${name}".`, hint);
}
