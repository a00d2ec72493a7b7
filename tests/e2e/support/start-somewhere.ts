import { randomInt } from 'node:crypto';
import {
  type Platform,
  PlatformError,
  type PlatformOptions,
  startPlatform,
} from '@gatehouse/platform';

const ATTEMPTS = 5;

/** A port offset that is probably free, and keeps every port below those of outgoing connections. */
export function randomPortOffset(): number {
  return randomInt(500, 24_000);
}

/**
 * Starts a platform on ports that nobody has.
 *
 * @throws PlatformError the last attempt's, when it starts nowhere.
 */
export async function startSomewhere(
  options: Omit<PlatformOptions, 'portOffset'>,
): Promise<Platform> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startPlatform({ ...options, portOffset: randomPortOffset() });
    } catch (thrown) {
      const portTaken = thrown instanceof PlatformError && /^Port \d+/.test(thrown.message);
      if (!portTaken || attempt === ATTEMPTS) throw thrown;
    }
  }
}
