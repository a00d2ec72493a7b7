import { type EnvReader, LOG_LEVELS, type LogLevel } from '@gatehouse/chassis/standalone';

/** What the environment says, which is no part of the file. */
export interface ProcessSettings {
  readonly logLevel: LogLevel;
  readonly otlpEndpoint: URL | undefined;
}

/** @param isTerminal - somebody looks, and is shown a screen instead of every line. */
export function readProcessSettings(env: EnvReader, isTerminal: boolean): ProcessSettings {
  return {
    logLevel: env.oneOf('GATEHOUSE_LOG_LEVEL', LOG_LEVELS, isTerminal ? 'warn' : 'info'),
    otlpEndpoint: env.optionalUrl('OTEL_EXPORTER_OTLP_ENDPOINT'),
  };
}
