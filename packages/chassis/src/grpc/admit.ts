/**
 * The way of a call before its handler: who calls, may that workload call, for whom, may they, is
 * a valid message. Each step asks only when the one before has said yes.
 */
import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf';
import { type AccessSubject, decide, subjectOfPassport } from '@gatehouse/access';
import type { AccessRule, MethodContract } from '@gatehouse/contracts';
import { KeysUnavailableError, type PassportClaims, TokenError } from '@gatehouse/tokens';
import type { Metadata } from '@grpc/grpc-js';
import type { PassportGate } from '../trust/gates.ts';
import type { AnyHandler, Call } from './call.ts';
import { callErrors, wireErrors } from './errors.ts';
import { assertValid } from './validate.ts';

/** A method as the server serves it. */
export interface ServedMethod {
  readonly contract: MethodContract;
  readonly handler: AnyHandler;
  /** The rule with the question "for whom" left out, to ask first whether the peer may call at all. */
  readonly callerRule: AccessRule;
}

/** A call as it comes from the wire. */
export interface IncomingCall {
  /** SPIFFE ID of the peer. @throws IdentityError */
  readonly peer: () => string;
  /** Address of the peer, for the log. */
  readonly from: () => string;
  readonly metadata: Metadata;
  /** Every value of the passport metadata. */
  readonly passports: readonly string[];
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

/** What is told of a call: who called, by which passport, and what the rule said. */
export type Noted =
  | 'peer'
  | 'subject_kind'
  | 'subject'
  | 'passport_txn'
  | 'passport_issuer'
  | 'passport_scope'
  | 'passport_expires'
  | 'decision';

/** What the admission of a call needs, and whom it tells. */
export interface Admission {
  readonly trustDomain: string;
  readonly passports: PassportGate;
  /** Told what the certificate, the passport and the rule said; for spans. Never a token. */
  readonly note: (name: Noted, value: string) => void;
}

/** A call that may be handled. */
export interface AdmittedCall {
  readonly request: Message;
  readonly call: Call;
}

/** Prepares a method for serving. */
export function servedMethod(contract: MethodContract, handler: AnyHandler): ServedMethod {
  const { callers } = contract.rule;
  return {
    contract,
    handler,
    callerRule: {
      ...contract.rule,
      callers,
      subject: 'NONE',
      scopes: [],
      roles: [],
      authLevel: 0,
      fresh: false,
    },
  };
}

/**
 * Takes a call through every check.
 *
 * @throws GatehouseError saying why not.
 */
export async function admit(
  admission: Admission,
  method: ServedMethod,
  incoming: IncomingCall,
): Promise<AdmittedCall> {
  const caller = callerOf(admission, incoming);
  decideOn(admission, { method, rule: method.callerRule, caller, subject: NOBODY });
  const { rule } = method.contract;
  const token = rule.subject === 'NONE' ? undefined : onePassport(incoming.passports);
  const passport = token === undefined ? undefined : await verified(admission, token);
  const subject = subjectOfPassport(passport);
  noteSubject(admission, subject, passport);
  decideOn(admission, { method, rule, caller, subject });
  admission.note('decision', 'allow');
  const request = decode(method.contract.desc.input, incoming.body);
  assertValid(method.contract.desc.input, request);
  return {
    request,
    call: {
      method: method.contract,
      caller,
      subject,
      signal: incoming.signal,
      passport,
      passportToken: token,
      deadlineMs: incoming.deadlineMs,
    },
  };
}

function noteSubject(
  { note }: Admission,
  subject: AccessSubject,
  passport: PassportClaims | undefined,
): void {
  note('subject_kind', subject.kind);
  if (passport === undefined) return;
  note('subject', subject.id);
  note('passport_txn', passport.txn);
  note('passport_issuer', passport.iss);
  note('passport_scope', passport.scope);
  note('passport_expires', new Date(passport.exp * 1_000).toISOString());
}

const NOBODY = subjectOfPassport(undefined);

interface Question {
  readonly method: ServedMethod;
  readonly rule: AccessRule;
  readonly caller: string;
  readonly subject: AccessSubject;
}

function callerOf(admission: Admission, incoming: IncomingCall): string {
  try {
    const caller = incoming.peer();
    admission.note('peer', caller);
    return caller;
  } catch (cause) {
    admission.note('decision', 'peer');
    throw callErrors.PEER({ cause });
  }
}

function decideOn(admission: Admission, { method, rule, caller, subject }: Question): void {
  const decision = decide(rule, {
    subject,
    caller,
    trustDomain: admission.trustDomain,
    methodId: method.contract.id,
    revocationsStale: admission.passports.revocationsStale,
  });
  if (decision.allow) return;
  admission.note('decision', decision.reason);
  throw decision.error;
}

function onePassport(values: readonly string[]): string | undefined {
  if (values.length > 1) {
    throw callErrors.PASSPORT_INVALID({ cause: new Error('more than one passport') });
  }
  return values[0];
}

async function verified(admission: Admission, token: string): Promise<PassportClaims> {
  try {
    return await admission.passports.verify(token);
  } catch (error) {
    if (error instanceof TokenError) {
      admission.note('decision', `passport_${error.code}`);
      const isWithdrawn = error.code === 'revoked';
      throw callErrors[isWithdrawn ? 'PASSPORT_REVOKED' : 'PASSPORT_INVALID']({ cause: error });
    }
    if (error instanceof KeysUnavailableError) {
      admission.note('decision', error.code);
      const { retryAfterSeconds } = error;
      throw callErrors.PASSPORT_UNCHECKED({ cause: error, retryAfterSeconds });
    }
    throw error;
  }
}

function decode(schema: DescMessage, body: Uint8Array): Message {
  try {
    return fromBinary(schema, body);
  } catch (cause) {
    throw wireErrors.MALFORMED({ cause });
  }
}
