/** The certificate files of every process, written at start and renewed at half of their life. */
import { join } from 'node:path';
import { writePrivate } from '../files.ts';
import { type Authority, LEAF_TTL_MS } from './authority.ts';

/** How often renewals are checked; a clock that jumps (a laptop that slept) is noticed as late as this. */
const CHECK_MS = 60_000;

export interface Identities {
  /**
   * Writes `key.pem`, `chain.pem`, `bundle.pem` (0600) into `folder` and renews them from then on. Each file is replaced whole, the key first: a reader that finds key and chain of two
   * generations reloads.
   */
  provide(folder: string, workload: string): Promise<void>;
  /** Renews those that are due. Called by a timer; tests call it with their own clock. */
  renewDue(): Promise<void>;
  /** Writes the accepted roots to every folder. */
  spreadBundle(): Promise<void>;
  /** Renews every certificate, by the current root. */
  renewAll(): Promise<void>;
  close(): void;
}

/** @param options.onError called with a failed renewal; it is retried at the next check. */
export function createIdentities(options: {
  readonly authority: Authority;
  readonly clock: { nowMs(): number };
  readonly onError: (error: unknown) => void;
}): Identities {
  const { authority, clock } = options;
  const provided = new Map<string, { readonly workload: string; readonly renewAtMs: number }>();

  const provide = async (folder: string, workload: string): Promise<void> => {
    const issued = await authority.issue(workload);
    await writePrivate(join(folder, 'key.pem'), issued.keyPem);
    await writePrivate(join(folder, 'chain.pem'), issued.chainPem);
    await writePrivate(join(folder, 'bundle.pem'), authority.bundlePem);
    provided.set(folder, { workload, renewAtMs: issued.notAfterMs - LEAF_TTL_MS / 2 });
  };
  const renewDue = async (): Promise<void> => {
    for (const [folder, { workload, renewAtMs }] of provided) {
      if (clock.nowMs() >= renewAtMs) await provide(folder, workload);
    }
  };
  const spreadBundle = async (): Promise<void> => {
    for (const folder of provided.keys()) {
      await writePrivate(join(folder, 'bundle.pem'), authority.bundlePem);
    }
  };
  const renewAll = async (): Promise<void> => {
    for (const [folder, { workload }] of provided) await provide(folder, workload);
  };
  const timer = setInterval(() => {
    renewDue().catch(options.onError);
  }, CHECK_MS);
  timer.unref();
  return { provide, renewDue, spreadBundle, renewAll, close: () => clearInterval(timer) };
}
