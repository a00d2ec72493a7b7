/** The life of auth's own signing keys: published, signing, retiring, retired; or revoked. */
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';

/** What a key signs: access and service tokens, or passports in auth's own name. */
export type KeyPurpose = 'access' | 'passport';

export const KEY_PURPOSES: readonly KeyPurpose[] = ['access', 'passport'];

/**
 * - `published`: in the key set, so that every verifier has it before it signs.
 * - `signing`: the one that signs.
 * - `retiring`: signs no more, and stays in the key set until its last token has ended.
 * - `retired`: out of the key set, by age.
 * - `revoked`: out of it at once, and nothing that it signed is valid.
 */
export type KeyState = 'published' | 'signing' | 'retiring' | 'retired' | 'revoked';

/** The moments of a key, from which its state follows at any other. */
export interface KeyTimes {
  readonly kid: string;
  readonly purpose: KeyPurpose;
  readonly createdAt: Date;
  readonly signsFrom: Date;
  readonly revokedAt: Date | undefined;
}

/** One of auth's own signing keys, as it is stored. */
export interface StoredKey extends KeyTimes {
  readonly alg: 'RS256' | 'ES256';
  readonly publicKeySpki: Buffer;
  /** Sealed under the key-encryption key; undefined once erased. */
  readonly sealedPrivate: Buffer | undefined;
}

/** A key with its state at a moment. */
export interface PlacedKey<K extends KeyTimes> {
  readonly key: K;
  readonly state: KeyState;
  /** When it leaves the key set; undefined while no other key follows it. */
  readonly publishedUntil: Date | undefined;
}

/** How long the last token of a key may live, and a margin for clocks that differ. Seconds. */
const AFTERLIFE_SECONDS: Readonly<Record<KeyPurpose, number>> = {
  access: LIFETIMES.accessTokenSeconds + LIFETIMES.revocationMarginSeconds,
  passport: LIFETIMES.passportSeconds + LIFETIMES.revocationMarginSeconds,
};

/**
 * The keys of one purpose with their states, in the order in which they sign.
 *
 * Replicas of auth have clocks of their own, and each does this for itself: they need not talk to agree,
 * as far as their clocks do. Where none has begun (a clock that lags behind an emergency), the first
 * one that stands signs.
 */
export function placeKeys<K extends KeyTimes>(
  keys: readonly K[],
  now: Date,
): readonly PlacedKey<K>[] {
  const inOrder = [...keys].sort(bySigning);
  const standing = inOrder.filter(({ revokedAt }) => revokedAt === undefined);
  const signing = standing.findLast(({ signsFrom }) => signsFrom <= now) ?? standing[0];
  return inOrder.map((key) => {
    if (key.revokedAt !== undefined) {
      return { key, state: 'revoked', publishedUntil: key.revokedAt };
    }
    const next = standing[standing.indexOf(key) + 1];
    const publishedUntil = next && secondsAfter(next.signsFrom, AFTERLIFE_SECONDS[key.purpose]);
    return { key, state: stateOf({ key, signing, publishedUntil, now }), publishedUntil };
  });
}

/** Whether a key of this state is in the key set. */
export function isPublished(state: KeyState): boolean {
  return state === 'published' || state === 'signing' || state === 'retiring';
}

function stateOf<K extends KeyTimes>(at: {
  readonly key: K;
  readonly signing: K | undefined;
  readonly publishedUntil: Date | undefined;
  readonly now: Date;
}): KeyState {
  const { key, signing, publishedUntil, now } = at;
  if (key === signing) return 'signing';
  if (key.signsFrom > now) return 'published';
  return publishedUntil !== undefined && now >= publishedUntil ? 'retired' : 'retiring';
}

function bySigning(a: KeyTimes, b: KeyTimes): number {
  return (
    a.signsFrom.getTime() - b.signsFrom.getTime() ||
    a.createdAt.getTime() - b.createdAt.getTime() ||
    (a.kid < b.kid ? -1 : 1)
  );
}
