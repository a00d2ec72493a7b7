/** The settings of core, beside those of the chassis; and the only place that reads them. */
import { ConfigError, type EnvReader } from '@gatehouse/chassis';

export interface CoreConfig {
  /** Whether core has a client to call extension with (GATEHOUSE_CLIENT_ID is set). */
  readonly hasClient: boolean;
  /** When the daily batch begins, in milliseconds after midnight in Asia/Seoul; undefined: never. */
  readonly batchAtMs: number | undefined;
  /** Calls to extension at the same time, 1 to 128. */
  readonly batchConcurrency: number;
}

const BATCH_AT = 'GATEHOUSE_BATCH_AT';
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;
const DEFAULT_CONCURRENCY = 16;

/** @throws ConfigError naming the first setting that is invalid. */
export function readCoreConfig(env: EnvReader): CoreConfig {
  const range = { least: 1, most: 128 };
  return {
    hasClient: env.optionalString('GATEHOUSE_CLIENT_ID') !== undefined,
    batchAtMs: timeOfDayMs(env.optionalString(BATCH_AT) ?? '00:10'),
    batchConcurrency:
      env.optionalInteger('GATEHOUSE_BATCH_CONCURRENCY', range) ?? DEFAULT_CONCURRENCY,
  };
}

function timeOfDayMs(text: string): number | undefined {
  if (text === 'off') return undefined;
  const [, hours, minutes] = TIME_OF_DAY.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) {
    throw new ConfigError(BATCH_AT, 'must be a time in Asia/Seoul, such as 00:10, or off');
  }
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}
