import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { rule as ruleOption, Subject } from './gen/gatehouse/access/v1/access_pb.ts';

/** The name in the contract for any workload of the trust domain. */
export const ANY_WORKLOAD = '*';

/** Who may call a method, as its contract says, with the defaults filled in. */
export interface AccessRule {
  readonly subject: 'ANYONE' | 'SIGNED_IN' | 'WORKLOAD' | 'NONE';
  /** All of these are needed. */
  readonly scopes: readonly string[];
  /** Any of these is enough; empty asks for none. */
  readonly roles: readonly string[];
  /** Least authentication level; 0 asks for none. */
  readonly authLevel: number;
  /** Service names that may call; `*` is every workload of the trust domain. Never empty. */
  readonly callers: readonly string[];
  /** Scopes that a passport keeps for calls further in. */
  readonly carries: readonly string[];
  /** Refused while the revocation feed is stale. */
  readonly fresh: boolean;
  /** The Authorization header is not looked at. */
  readonly ignoreBearer: boolean;
}

const SUBJECTS: Readonly<Record<number, AccessRule['subject']>> = {
  [Subject.ANYONE]: 'ANYONE',
  [Subject.SIGNED_IN]: 'SIGNED_IN',
  [Subject.WORKLOAD]: 'WORKLOAD',
  [Subject.NONE]: 'NONE',
};

/**
 * Reads the access rule of a method.
 *
 * @example
 * ```ts
 * import { readRule } from '@gatehouse/contracts';
 * import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * console.log(readRule(BoardService.method.createPost).callers); // [ 'gateway' ]
 * ```
 * @throws Error naming the method when it has no rule, no subject, or a rule that contradicts itself.
 */
export function readRule(method: DescMethod): AccessRule {
  if (!hasOption(method, ruleOption)) {
    throw new Error(`${method.toString()} has no gatehouse.access.v1.rule: say who may call it`);
  }
  const option = getOption(method, ruleOption);
  const subject = SUBJECTS[option.subject];
  if (subject === undefined) {
    throw new Error(`${method.toString()}: its rule names no subject`);
  }
  const rule: AccessRule = {
    subject,
    scopes: Object.freeze([...option.scopes]),
    roles: Object.freeze([...option.roles]),
    authLevel: option.authLevel,
    callers: Object.freeze(option.callers.length === 0 ? ['gateway'] : [...option.callers]),
    carries: Object.freeze([...option.carries]),
    fresh: option.fresh,
    ignoreBearer: option.ignoreBearer,
  };
  const fault = contradictionOf(rule);
  if (fault !== undefined) throw new Error(`${method.toString()}: ${fault}`);
  return Object.freeze(rule);
}

function contradictionOf(rule: AccessRule): string | undefined {
  const demands = rule.scopes.length + rule.roles.length + rule.authLevel > 0;
  if (demands && (rule.subject === 'ANYONE' || rule.subject === 'NONE')) {
    return `a rule for ${rule.subject} cannot ask for scopes, roles or a level`;
  }
  if (rule.ignoreBearer && rule.subject !== 'ANYONE') {
    return `ignore_bearer makes sense for ANYONE only`;
  }
  return undefined;
}
