/** What the file of a standalone gateway says beside routes: listener, issuers, passports. */

import { type TrustedProxies, trustedProxies } from '../receive/client-address.ts';
import { isOrigin } from '../receive/cors.ts';
import { checkRules } from './check-rules.ts';
import type { ListenInFile, PassportsInFile } from './file-types.ts';
import type { OpenFile } from './open-file.ts';
import type { PlacedRoute } from './overlaps.ts';
import { type IssuerSettings, readIssuers } from './read-issuers.ts';
import { below, type Report } from './report.ts';
import { milliseconds } from './units.ts';

/** Where it listens, and which clients it accepts. */
export interface ListenSettings {
  readonly address: string;
  readonly port: number;
  readonly adminPort: number;
  /** Paths of PEM files. Undefined: plain. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly proxies: TrustedProxies;
  readonly corsOrigins: readonly string[];
  readonly limit: { readonly perSecond: number; readonly burst: number };
  readonly connections: { readonly total: number; readonly perAddress: number };
}

/** What it signs, and with which keys. */
export interface PassportSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Undefined: in memory. */
  readonly keyFolder: string | undefined;
  readonly rotateEveryMs: number;
}

export interface StandaloneSettings {
  readonly listen: ListenSettings;
  readonly issuers: readonly IssuerSettings[];
  readonly passports: PassportSettings;
}

const SHORTEST_ROTATION_MS = 10 * 60_000;
const LONGEST_ROTATION_MS = 90 * 24 * 3_600_000;

/** @returns undefined where the shape of a part is wrong, which the file's problems say. */
export function readStandalone(
  file: OpenFile,
  routes: readonly PlacedRoute[],
): StandaloneSettings | undefined {
  const issuers = readIssuers(file);
  checkRules(routes, issuers, file.report);
  const listen = file.part('listen');
  const passports = file.part('passports');
  if (listen === undefined || passports === undefined) return undefined;
  return { listen: readListen(listen, file), issuers, passports: readPassports(passports, file) };
}

function readListen(said: ListenInFile, file: OpenFile): ListenSettings {
  const report = below(file.report, 'listen');
  const pem = (member: 'cert' | 'key', path: string): string => {
    const resolved = file.files.resolve(path);
    const fault = file.files.pemFault(resolved, member === 'key' ? 'key' : 'certificate');
    if (fault !== undefined) report.add(['tls', member], fault);
    return resolved;
  };
  for (const [index, origin] of said.cors_origins.entries()) {
    if (isOrigin(origin)) continue;
    report.add(['cors_origins', index], 'An origin is like https://app.example, without a path.');
  }
  const { tls } = said;
  return {
    address: said.address,
    port: said.port,
    adminPort: said.admin_port,
    tls: tls === undefined ? undefined : { cert: pem('cert', tls.cert), key: pem('key', tls.key) },
    proxies: readProxies(said.trusted_proxies, report),
    corsOrigins: said.cors_origins,
    limit: { perSecond: said.limit.per_second, burst: said.limit.burst },
    connections: { total: said.max_connections, perAddress: said.max_connections_per_address },
  };
}

function readProxies(blocks: readonly string[], report: Report): TrustedProxies {
  for (const [index, block] of blocks.entries()) {
    try {
      trustedProxies([block]);
    } catch {
      report.add(
        ['trusted_proxies', index],
        `"${block}" is neither an address nor a block such as 10.0.0.0/8.`,
      );
      return trustedProxies([]);
    }
  }
  return trustedProxies(blocks);
}

function readPassports(said: PassportsInFile, file: OpenFile): PassportSettings {
  const rotateEveryMs = milliseconds(said.rotate_every);
  if (rotateEveryMs < SHORTEST_ROTATION_MS || rotateEveryMs > LONGEST_ROTATION_MS) {
    file.report.add(['passports', 'rotate_every'], '"rotate_every" is from 10m to 2160h.');
  }
  const folder = said.key_folder;
  return {
    issuer: said.issuer,
    audience: said.audience,
    keyFolder: folder === undefined ? undefined : file.files.resolve(folder),
    rotateEveryMs,
  };
}
