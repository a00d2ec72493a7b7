import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, type Logger, pino } from 'pino';

/** How much is logged. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Members whose value never reaches the log, on the first two levels of a log line. */
const SECRET_MEMBERS = [
  'accessToken',
  'authorization',
  'clientSecret',
  'newPassword',
  'passport',
  'passportToken',
  'password',
  'privateKey',
  'proof',
  'refreshToken',
  'secret',
  'token',
];

// Anything that looks like a JWT, wherever an error of a library may have put it.
const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

const MAX_CAUSES = 5;

/** How a logger is made. */
export interface LogOptions {
  /** The service; on every line. */
  readonly name: string;
  readonly level: LogLevel;
  /** Default: standard output, one JSON object per line. */
  readonly destination?: DestinationStream | undefined;
}

/**
 * A logger that adds the ids of the active trace to each line and removes secrets.
 *
 * Removed: members named like a secret (see the list above) and texts in errors that look like a
 * JWT. Not removed: a secret that code puts into the message itself. Log ids, never values.
 *
 * @example
 * ```ts
 * import { createLogger } from '@gatehouse/chassis';
 *
 * const log = createLogger({ name: 'import', level: 'info' });
 * log.info({ rows: 3 }, 'imported');
 * ```
 */
export function createLogger({ name, level, destination }: LogOptions): Logger {
  const options = {
    level,
    base: { service: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: traceIds,
    redact: {
      paths: SECRET_MEMBERS.flatMap((member) => [member, `*.${member}`]),
      censor: '[removed]',
    },
    serializers: { err: (error: unknown) => describeError(error) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * Ids of the active trace, for a log line or an error shown to a person; empty without one.
 *
 * @example
 * ```ts
 * import { traceIds } from '@gatehouse/chassis';
 *
 * export const shownToPeople = () => traceIds().traceId ?? 'no trace';
 * ```
 */
export function traceIds(): { traceId?: string; spanId?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return {};
  return { traceId: span.traceId, spanId: span.spanId };
}

/**
 * What is logged of an error: type, message, code, stack and causes. Other members are left out,
 * since a driver's error may hold the row or the parameters that it failed on.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { readonly code?: unknown };
  return {
    type: error.name,
    message: error.message.replace(JWT, '[token]'),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: error.stack?.replace(JWT, '[token]'),
    ...(error.cause === undefined || depth === MAX_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
