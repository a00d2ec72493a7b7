import type { ProcessParts } from '../process/parts.ts';
import type { ServiceContext } from './service-context.ts';

/** The part of a context that every process has. */
export function baseContext(parts: ProcessParts) {
  const { name, log, clock, telemetry, readiness, adminRoutes, closers } = parts;
  return {
    log,
    clock,
    telemetry,
    onClose: (close) => closers.add(name, close),
    readiness: (check, run) => readiness.add(check, run),
    adminRoute: (route) => adminRoutes.add(route),
  } satisfies Partial<ServiceContext>;
}
