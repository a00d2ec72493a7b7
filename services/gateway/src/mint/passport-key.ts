/**
 * The key that passports are signed with: made here, in memory, and good only while auth leases it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type {
  RegisterPassportKeyRequestSchema,
  RegisterPassportKeyResponse,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { type Clock, generateSigningKey, mintKeyProof, type Signer } from '@gatehouse/tokens';

/** What happens to the lease, for logs. */
export type PassportKeyEvent =
  | { readonly kind: 'registered'; readonly kid: string; readonly leaseExpiresAtMs: number }
  | { readonly kind: 'failed'; readonly cause: unknown; readonly retryInMs: number };

/** How the key is registered. */
export interface PassportKeyOptions {
  /** `AuthService.RegisterPassportKey`, which also renews. */
  readonly register: (
    request: MessageInitShape<typeof RegisterPassportKeyRequestSchema>,
  ) => Promise<RegisterPassportKeyResponse>;
  /** The gateway's SPIFFE ID: the `iss` of its passports. */
  readonly identity: string;
  /** The SPIFFE ID of auth, for whom the proof of possession is made. */
  readonly authIdentity: string;
  readonly clock: Clock;
  readonly onEvent?: (event: PassportKeyEvent) => void;
  /** Waits, unless the signal ends it (then it rejects). Default: the system's timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A passport key and its lease. */
export interface PassportKey {
  /** The key, while passports signed with it are accepted; undefined: do not sign. */
  signer(): Signer | undefined;
  /** Begins to register and to renew; returns at once. */
  start(): void;
  /** Stops renewing. The lease ends by itself. */
  close(): Promise<void>;
}

/** A passport lives 60 s; its key must outlive it, or a good passport would be refused. */
const STOP_BEFORE_END_MS = 65_000;
/** Publish, wait, sign: until the news of a new key has reached those who verify. */
const SETTLE_MS = 1000;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5000;

/** Makes a key; nobody else ever has its private half. */
export function createPassportKey(options: PassportKeyOptions): PassportKey {
  const { clock, identity } = options;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  const key = generateSigningKey('ES256');
  const publicKey = new Uint8Array(key.publicKey.export({ type: 'spki', format: 'der' }));
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let usableFromMs = Number.POSITIVE_INFINITY;
  let usableUntilMs = Number.NEGATIVE_INFINITY;
  // While it rests until the next heartbeat: ends the rest.
  let renewNow: (() => void) | undefined;

  const register = async (): Promise<number> => {
    const audience = options.authIdentity;
    const proof = mintKeyProof(key, { issuer: identity, audience, nowMs: clock.nowMs() });
    const lease = await options.register({ publicKey, proof });
    if (lease.kid !== key.kid || lease.issuer !== identity || lease.leaseExpiresAt === undefined) {
      throw new Error('auth registered another key, or for another identity');
    }
    const nowMs = clock.nowMs();
    const leaseExpiresAtMs = timestampMs(lease.leaseExpiresAt);
    // After a lapse the key is as new to those who verify.
    if (nowMs >= usableUntilMs) usableFromMs = nowMs + SETTLE_MS;
    usableUntilMs = leaseExpiresAtMs - STOP_BEFORE_END_MS;
    options.onEvent?.({ kind: 'registered', kid: key.kid, leaseExpiresAtMs });
    return Math.max(1, lease.heartbeatSeconds) * 1000;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!closing.signal.aborted) {
      const waitMs = await register().then(
        (heartbeatMs) => {
          failures = 0;
          return heartbeatMs;
        },
        (cause: unknown) => {
          const limitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
          failures += 1;
          const retryInMs = Math.round(limitMs * (0.5 + Math.random() / 2));
          options.onEvent?.({ kind: 'failed', cause, retryInMs });
          return retryInMs;
        },
      );
      const rest = new AbortController();
      // Not for a lease that is over when it comes: then the clocks differ, and haste would not help.
      const holds = failures === 0 && clock.nowMs() < usableUntilMs;
      renewNow = holds ? () => rest.abort() : undefined;
      // Rejects when it is closed or woken meanwhile; the loop's condition says which.
      await wait(waitMs, AbortSignal.any([closing.signal, rest.signal])).catch(() => undefined);
      renewNow = undefined;
    }
  };

  return {
    signer: () => {
      const nowMs = clock.nowMs();
      // A machine that slept: its timers stood still, the lease did not.
      if (nowMs >= usableUntilMs) renewNow?.();
      return nowMs >= usableFromMs && nowMs < usableUntilMs ? key : undefined;
    },
    start: () => {
      running ??= run();
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
