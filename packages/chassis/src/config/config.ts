/**
 * The settings that every process reads. `process.env` is read here alone; what a part needs beside them (a
 * database, the gRPC port) it reads from the {@link EnvReader} that is given to it.
 */

import { LOG_LEVELS, type LogLevel } from '../telemetry/log.ts';
import type { Environment, EnvReader } from './env-reader.ts';
import { ConfigError } from './errors.ts';

// SPIFFE-ID, section 2.1.
const TRUST_DOMAIN = /^[a-z0-9][a-z0-9._-]{0,253}$/;

/** What the chassis is told by its environment. */
export interface ChassisConfig {
  readonly trustDomain: string;
  /** Folder of key.pem, chain.pem and bundle.pem. */
  readonly tlsFolder: string;
  readonly bindAddress: string;
  readonly adminPort: number;
  readonly logLevel: LogLevel;
  /** Absent: spans go nowhere. */
  readonly otlpEndpoint: URL | undefined;
  /** The small collector of the embedded default, which the trace view shows. Absent: none. */
  readonly traceView: URL | undefined;
}

/**
 * The environment of this process.
 *
 * @example
 * ```ts
 * import { EnvReader, processEnvironment } from '@gatehouse/chassis/standalone';
 *
 * export const env = new EnvReader(processEnvironment());
 * ```
 */
export function processEnvironment(): Environment {
  return process.env;
}

/** Whether the process has an IPC channel to its supervisor, and ends when that closes. */
export function isSupervised(environment: Environment): boolean {
  return environment.GATEHOUSE_SUPERVISED === '1';
}

/** @throws ConfigError naming the first invalid setting. */
export function readChassisConfig(env: EnvReader): ChassisConfig {
  return {
    trustDomain: trustDomainOf(env),
    tlsFolder: env.string('GATEHOUSE_TLS_DIR'),
    bindAddress: bindAddressOf(env),
    adminPort: env.port('GATEHOUSE_ADMIN_PORT'),
    logLevel: env.oneOf('GATEHOUSE_LOG_LEVEL', LOG_LEVELS, 'info'),
    otlpEndpoint: env.optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT'),
    traceView: readTraceView(env),
  };
}

/** GATEHOUSE_BIND_ADDRESS: where listeners listen. Default: the loopback. */
export function bindAddressOf(env: EnvReader): string {
  return env.optionalString('GATEHOUSE_BIND_ADDRESS') ?? '127.0.0.1';
}

/**
 * GATEHOUSE_TRACE_VIEW: where spans are shown to whoever looks, so it is on this machine or nowhere.
 *
 * @throws ConfigError when it is not on the loopback.
 *
 * @example
 * ```ts
 * import { EnvReader, readTraceView } from '@gatehouse/chassis';
 *
 * export const viewOf = (env: EnvReader) => readTraceView(env)?.href;
 * ```
 */
export function readTraceView(env: EnvReader): URL | undefined {
  const name = 'GATEHOUSE_TRACE_VIEW';
  const url = env.optionalUrl(name);
  if (url !== undefined && url.hostname !== '127.0.0.1') {
    throw new ConfigError(name, 'must be on the loopback, such as http://127.0.0.1:7480');
  }
  return url;
}

function trustDomainOf(env: EnvReader): string {
  const name = 'GATEHOUSE_TRUST_DOMAIN';
  const value = env.string(name);
  if (!TRUST_DOMAIN.test(value)) {
    throw new ConfigError(name, 'must be a SPIFFE trust domain, such as gatehouse.local');
  }
  return value;
}
