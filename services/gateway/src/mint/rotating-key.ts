/**
 * The keys of a standalone gateway. Each signs for one stretch of time, is published a while
 * before, and stays published a while after: nobody who fetches the key set now and then meets a
 * passport whose key was never there.
 */
import type { Clock, JwkSet, Signer, SigningKey } from '@gatehouse/tokens';
import { toPublicJwk } from '@gatehouse/tokens';
import type { KeyStore } from './key-store.ts';
import type { PassportKey } from './passport-key.ts';

/** How the keys change. */
export interface RotatingKeyOptions {
  readonly store: KeyStore;
  /** How long each signs. */
  readonly everyMs: number;
  readonly clock: Clock;
  /** Told when the next key could not be had; the last one goes on. */
  readonly onFault: (fault: unknown) => void;
}

/** The key that signs now, and those that are published. */
export interface RotatingKey extends Pick<PassportKey, 'signer'> {
  signer(): Signer;
  /** @param issuer - the `iss` of the passports, which each key is bound to. */
  keySet(issuer: string): JwkSet;
  /** Begins to make keys ahead of time. */
  start(): void;
  close(): void;
}

const LONGEST_LEAD_MS = 3_600_000;
/** A passport lives a minute; the rest is for clocks that differ. */
const OVERLAP_MS = 5 * 60_000;
const LOOK_MS = 15_000;

/**
 * Makes the keys. Time is cut into stretches of `everyMs` since 1970, so that copies with one store
 * agree without a word. A key is published a quarter of that before it signs, an hour at most.
 *
 * @throws Error when the first key cannot be had.
 */
export function createRotatingKey(options: RotatingKeyOptions): RotatingKey {
  const { store, everyMs, clock, onFault } = options;
  const leadMs = Math.min(everyMs / 4, LONGEST_LEAD_MS);
  const at = (ms: number): number => Math.floor(ms / everyMs);
  let signing = { generation: at(clock.nowMs()), key: store.keyOf(at(clock.nowMs())) };
  let published: readonly SigningKey[] = [signing.key];
  let timer: NodeJS.Timeout | undefined;

  const look = (): void => {
    const nowMs = clock.nowMs();
    const generation = at(nowMs);
    const before = at(nowMs - OVERLAP_MS);
    const after = at(nowMs + leadMs);
    try {
      const key = store.keyOf(generation);
      const last = before === generation ? undefined : store.known(before);
      const next = after === generation ? undefined : store.keyOf(after);
      signing = { generation, key };
      published = [key, last, next].filter((each) => each !== undefined);
      store.forgetBefore(before);
    } catch (fault) {
      onFault(fault);
    }
  };
  look();
  return {
    signer: () => {
      if (at(clock.nowMs()) !== signing.generation) look();
      return signing.key;
    },
    keySet: (issuer) => {
      look();
      return { keys: published.map((key) => toPublicJwk(key, { iss: issuer })) };
    },
    start: () => {
      timer ??= setInterval(look, LOOK_MS).unref();
    },
    close: () => clearInterval(timer),
  };
}
