/** What the use cases need from outside, in their own words. Adapters fill these in. */

import type { Role } from '../accounts/roles.ts';
import type { Account } from '../accounts/rules.ts';
import type { AuditEntry } from '../audit/rules.ts';
import type { ClientRecords } from '../clients/client-ports.ts';
import type { GrantRecords } from '../grants/grant-ports.ts';
import type { PassportKeyRecords, SigningKeyRecords } from '../keys/key-ports.ts';
import type { EndReason, Session } from '../sessions/rules.ts';

/** The database. `read` stands outside any transaction; each of its calls is one statement. */
export interface Store {
  readonly read: Records;
  /**
   * Runs `work` in one transaction. It may run again after a serialization failure or deadlock, so
   * it must have no effect but its statements.
   */
  transaction<R>(work: (records: Records) => Promise<R>): Promise<R>;
}

/** The records, all on the same connection. */
export interface Records {
  readonly accounts: AccountRecords;
  readonly sessions: SessionRecords;
  readonly refreshTokens: RefreshTokenRecords;
  readonly changes: ChangeRecords;
  readonly passportKeys: PassportKeyRecords;
  readonly clients: ClientRecords;
  readonly grants: GrantRecords;
  readonly signingKeys: SigningKeyRecords;
  readonly audit: AuditRecords;
}

export interface AccountRecords {
  /** The account that holds this normalised e-mail; one that FAILED holds none. */
  findByEmail(email: string): Promise<Account | undefined>;
  find(accountId: string): Promise<Account | undefined>;
  /** Like {@link find}, and no one changes the row until the transaction ends. */
  hold(accountId: string, strength: 'change' | 'keep'): Promise<Account | undefined>;
  /** @returns false when the e-mail is taken. */
  insert(account: Account): Promise<boolean>;
  /** PENDING → ACTIVE. @returns false when it was not PENDING. */
  activate(accountId: string, roles: readonly Role[], now: Date): Promise<boolean>;
  /** PENDING → FAILED, which frees the e-mail. @returns false when it was not PENDING. */
  giveUp(accountId: string, now: Date): Promise<boolean>;
  /** Sign-ups that were given up, of which the user service was not told yet. */
  listFailed(limit: number): Promise<readonly string[]>;
  deleteFailed(accountId: string): Promise<void>;
  /** Raises the version. @returns the new one. */
  setRoles(accountId: string, roles: readonly Role[], now: Date): Promise<number>;
  /** Raises the version. @returns the new one. */
  setStatus(accountId: string, status: 'ACTIVE' | 'SUSPENDED', now: Date): Promise<number>;
  /** Raises the version. @returns the new one. */
  setPasswordHash(accountId: string, passwordHash: string, now: Date): Promise<number>;
}

export interface SessionRecords {
  insert(session: Session): Promise<void>;
  /** One that is neither revoked nor expired. */
  findLive(sessionId: string, now: Date): Promise<Session | undefined>;
  /** Newest first; all of them unless a limit is given. */
  listLive(accountId: string, now: Date, limit?: number): Promise<readonly Session[]>;
  /** Marks it as used now and moves its idle end. @returns undefined when it is not live. */
  touch(sessionId: string, now: Date, expiresAt: Date): Promise<Session | undefined>;
  /** @returns false when it is not live, or not this account's. */
  revoke(session: SessionKey, reason: EndReason, now: Date): Promise<boolean>;
}

/** A session; with an account, only if it is that account's. */
export interface SessionKey {
  readonly sessionId: string;
  readonly accountId?: string;
}

/** A refresh token as it is stored: never in clear. */
export interface RefreshTokenRow {
  readonly hash: Buffer;
  readonly sessionId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** What presenting a token again finds. */
export interface RefreshTokenState {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | undefined;
  readonly successorSealed: Buffer | undefined;
  readonly successorUsed: boolean;
  /** When the successor ends; undefined while there is none. */
  readonly successorExpiresAt: Date | undefined;
}

/** The one successor of a token, in the two forms in which it is stored. */
export interface Successor {
  readonly hash: Buffer;
  readonly sealed: Buffer;
}

export interface RefreshTokenRecords {
  insert(row: RefreshTokenRow): Promise<void>;
  find(hash: Buffer): Promise<RefreshTokenState | undefined>;
  /**
   * The compare-and-swap: uses an unused, unexpired token of a live session, once, and inserts its
   * successor with the given life. One statement, so that of any number of callers one wins.
   *
   * @returns the session, or undefined for everyone else.
   */
  swap(swap: TokenSwap): Promise<string | undefined>;
  /** Erases the sealed form of this token in its predecessor. */
  forgetSealed(hash: Buffer): Promise<void>;
}

export interface TokenSwap {
  readonly hash: Buffer;
  readonly successor: Successor;
  readonly now: Date;
  readonly refreshTokenSeconds: number;
}

/** News for everyone who caches a decision. */
export type NewChange =
  | { readonly kind: 'session_revoked' | 'token_revoked' | 'key_revoked'; readonly about: string }
  | {
      readonly kind: 'token_claims_change' | 'credential_change';
      readonly about: string;
      readonly version: number;
    }
  | { readonly kind: 'keys_changed' };

/** A change as it was committed. */
export interface CommittedChange {
  readonly position: bigint;
  readonly kind: NewChange['kind'];
  /** Session, token, subject or revoked key; empty for a changed key set. */
  readonly about: string;
  readonly version: number;
  readonly expiresAt: Date;
}

export interface ChangeRecords {
  /**
   * Adds a change at the next position. The row lock that this takes is held to the end of the
   * transaction, which makes positions follow commit order (ADR 0003): call it last.
   */
  append(change: NewChange, now: Date): Promise<void>;
  /** The changes after a position, in order. */
  listAfter(position: bigint, limit: number): Promise<readonly CommittedChange[]>;
  position(): Promise<bigint>;
  /** Revocations that still matter, and the position up to which they are complete. */
  snapshot(now: Date): Promise<ChangeSnapshot>;
  /** Whether this token id was revoked by itself. */
  isTokenRevoked(jti: string, now: Date): Promise<boolean>;
}

export interface ChangeSnapshot {
  readonly position: bigint;
  readonly changes: readonly CommittedChange[];
}

/** Where a request came from. */
export interface Origin {
  /** As the gateway saw it; empty when unknown. */
  readonly address: string;
  /** W3C trace id; empty when there is none. */
  readonly traceId: string;
  /** The passport's transaction, carried on to calls that this request causes. */
  readonly txn?: string;
}

export interface AuditRecords {
  add(entry: AuditEntry, origin: Origin, now: Date): Promise<void>;
}

/** Hashes passwords, slowly and a few at a time. */
export interface PasswordHasher {
  /** @throws auth.busy when too many are waiting. */
  hash(password: string): Promise<string>;
  /**
   * Compares in the same time whether there is a hash or not.
   *
   * @param hash - undefined: a dummy with equal parameters is compared, and the answer is no.
   * @throws auth.busy when too many are waiting.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

/** Counts failed attempts. */
export interface AttemptLimiter {
  /**
   * Takes one attempt, before anything is verified; waits a little when the account as a whole has
   * too many.
   *
   * @throws auth.too_many_attempts with the seconds to wait.
   */
  take(account: string, address: string): Promise<void>;
  /** Gives the attempt back, after a success. */
  giveBack(account: string, address: string): Promise<void>;
}

/**
 * Bounds how often an address may be told that an e-mail is taken: who asks for many wants to know
 * who has an account.
 */
export interface TakenLimiter {
  /** Takes one answer, before it is known. @throws auth.too_many_attempts with the seconds to wait. */
  take(address: string): Promise<void>;
  /** Gives it back: the answer was another one. */
  giveBack(address: string): Promise<void>;
}

/** The sign-up's calls to the user service. Each may be repeated. */
export interface Profiles {
  create(accountId: string, nickname: string, origin: Origin): Promise<void>;
  activate(accountId: string, origin: Origin): Promise<void>;
  markSignupFailed(accountId: string, origin: Origin): Promise<void>;
}

/** Makes identifiers: prefix, underscore, 26 time-ordered characters. */
export type NewId = (prefix: string) => string;

/** Says that something was committed that watchers want to know; a hint, which may be lost. */
export type ChangeHint = () => void;

/** What an access token says of a person. */
export interface AccessGrant {
  readonly accountId: string;
  readonly roles: readonly Role[];
  /** Space-separated. */
  readonly scope: string;
  readonly sessionId: string;
  /** `sv` */
  readonly version: number;
  readonly issuedAt: Date;
}

/** Signs an access token. */
export type MintAccessToken = (grant: AccessGrant) => string;

/** The claims of an access token that was found good by signature, issuer, audience and time. */
export interface GoodAccessToken {
  readonly sub: string;
  readonly scope: string;
  readonly sid: string;
  readonly sv: number;
  readonly jti: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** @returns undefined for a token that is bad in any way. */
export type VerifyAccessToken = (token: string) => Promise<GoodAccessToken | undefined>;

/** Opaque refresh tokens and the two forms in which they are stored. */
export interface RefreshSecrets {
  /** 256 random bits. */
  create(): string;
  /** SHA-256. */
  hash(token: string): Buffer;
  /** Seals a successor so that only the bearer of its predecessor can open it. */
  seal(predecessor: string, successor: string): Buffer;
  open(predecessor: string, sealed: Buffer): string;
}

/** The time, injected. */
export interface Clock {
  nowMs(): number;
}
