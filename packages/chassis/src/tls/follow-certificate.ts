/** Reloads the process's certificate when its files change; an expired one makes the process not ready. */
import { systemClock } from '@gatehouse/tokens';
import type { ServiceParts } from '../process/parts.ts';

/** Watches the files until the process closes. */
export function followCertificate({ tls, log, readiness, closers }: ServiceParts): void {
  closers.add('certificates', async () => tls.close());
  tls.watch();
  tls.onChange(() => log.info({ expiresAtMs: tls.expiresAtMs }, 'certificate reloaded'));
  readiness.add('certificate', () => {
    // The system's clock, since that is what TLS goes by.
    if (tls.expiresAtMs <= systemClock.nowMs()) throw new Error('the certificate has expired');
  });
}
