/** One passport key of this gateway and the lease that auth has given on it. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import type {
  RegisterPassportKeyRequestSchema,
  RegisterPassportKeyResponse,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import {
  type Clock,
  generateSigningKey,
  mintKeyProof,
  type Signer,
  type SigningKey,
} from '@gatehouse/tokens';

/** How a key is registered. */
export interface RegistrationOptions {
  /** `AuthService.RegisterPassportKey`, which also renews. */
  readonly register: (
    request: MessageInitShape<typeof RegisterPassportKeyRequestSchema>,
  ) => Promise<RegisterPassportKeyResponse>;
  /** The gateway's SPIFFE ID: the `iss` of its passports. */
  readonly identity: string;
  /** The SPIFFE ID of auth, for whom the proof of possession is made. */
  readonly authIdentity: string;
  readonly clock: Clock;
}

/** A lease as auth gave it. */
export interface Lease {
  readonly leaseExpiresAtMs: number;
  readonly heartbeatMs: number;
}

/** A passport lives 60 s; its key must outlive it, or a good passport would be refused. */
const STOP_BEFORE_END_MS = 65_000;

/** Made here, in memory; nobody else ever has its private half. */
export class LeasedKey {
  readonly madeAtMs: number;
  readonly #options: RegistrationOptions;
  readonly #key: SigningKey = generateSigningKey('ES256');
  readonly #publicKey: Uint8Array;
  #settleMs: number;
  #knownFromMs = Number.POSITIVE_INFINITY;
  #usableUntilMs = Number.NEGATIVE_INFINITY;

  /** @param settleMs - from its registration until those who verify have it: publish, wait, sign. */
  constructor(options: RegistrationOptions, settleMs: number) {
    this.#options = options;
    this.#settleMs = settleMs;
    this.#publicKey = new Uint8Array(this.#key.publicKey.export({ type: 'spki', format: 'der' }));
    this.madeAtMs = options.clock.nowMs();
  }

  get kid(): string {
    return this.#key.kid;
  }

  /** Whether the lease has time left. */
  get isLeased(): boolean {
    return this.#options.clock.nowMs() < this.#usableUntilMs;
  }

  /** The key, while passports signed with it are accepted. */
  signer(): Signer | undefined {
    const usableFromMs = this.#knownFromMs + this.#settleMs;
    return this.isLeased && this.#options.clock.nowMs() >= usableFromMs ? this.#key : undefined;
  }

  /** It is needed: waits for no more than this after its registration. */
  hurry(settleMs: number): void {
    this.#settleMs = Math.min(this.#settleMs, settleMs);
  }

  /** Registers it, or renews its lease. @throws what `register` throws, and when the lease is another's. */
  async register(): Promise<Lease> {
    const { identity, authIdentity, clock } = this.#options;
    const proof = mintKeyProof(this.#key, {
      issuer: identity,
      audience: authIdentity,
      nowMs: clock.nowMs(),
    });
    const lease = await this.#options.register({ publicKey: this.#publicKey, proof });
    if (lease.kid !== this.kid || lease.issuer !== identity || lease.leaseExpiresAt === undefined) {
      throw new Error('auth registered another key, or for another identity');
    }
    const leaseExpiresAtMs = timestampMs(lease.leaseExpiresAt);
    // After a lapse the key is as new to those who verify.
    if (!this.isLeased) this.#knownFromMs = clock.nowMs();
    this.#usableUntilMs = leaseExpiresAtMs - STOP_BEFORE_END_MS;
    return { leaseExpiresAtMs, heartbeatMs: Math.max(1, lease.heartbeatSeconds) * 1000 };
  }
}
