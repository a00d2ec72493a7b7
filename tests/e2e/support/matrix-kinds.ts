/** The kinds of caller of the matrix: what each shows at the two entries, and what that amounts to. */
import type { MethodContract } from '@gatehouse/contracts';
import type { Bearer, EdgeCaller, PortCaller } from './matrix-expected.ts';
import {
  EVERY_ROLE,
  EVERY_SCOPE,
  FULL,
  type MatrixTokens,
  type Person,
  rightWorkload,
} from './matrix-tokens.ts';

/** What is shown at the edge. */
export interface EdgeShown extends EdgeCaller {
  /** For `Authorization: Bearer`. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is shown at a service's port. */
export interface PortShown extends PortCaller {
  /** No certificate at all, or one of an authority that is not the trust domain's. */
  readonly tls?: 'none' | 'foreign';
  /** Values of the passport metadata. */
  readonly passports: readonly string[];
}

/** One kind of caller. */
export interface Kind {
  readonly name: string;
  readonly edge: (method: MethodContract) => EdgeShown | Promise<EdgeShown>;
  readonly port: (method: MethodContract) => PortShown | Promise<PortShown>;
}

/** A person who has just logged in. */
export interface Member {
  readonly token: string;
  readonly scopes: readonly string[];
}

export const NOBODY: Bearer = { is: 'nobody' };
export const BAD: Bearer = { is: 'bad' };
export const REVOKED: Bearer = { is: 'revoked' };

/** At the port: a workload that may call, with these passports. */
export function withPassports(
  method: MethodContract,
  bearer: Bearer,
  passports: readonly string[],
): PortShown {
  return { workload: rightWorkload(method), bearer, passports };
}

/** At the edge: a token that is not good there. */
export function badToken(token: string): EdgeShown {
  return { bearer: BAD, token };
}

/** Callers whose tokens are what they say, whether or not the rule is for them. */
export function honestKinds(tokens: MatrixTokens, member: Member): readonly Kind[] {
  return [
    ...nobodies(tokens),
    person(tokens, 'signed in, with all', () => FULL),
    person(tokens, 'signed in, without the scope', ({ rule }) => ({
      ...FULL,
      scopes: EVERY_SCOPE.filter((scope) => !rule.scopes.includes(scope)),
    })),
    person(tokens, 'signed in, without the role', ({ rule }) => ({
      ...FULL,
      roles: EVERY_ROLE.filter((role) => !rule.roles.includes(role)),
    })),
    person(tokens, 'signed in, too weakly', () => ({ ...FULL, authLevel: 0 })),
    loggedIn(tokens, member),
    ...workloads(tokens),
  ];
}

function nobodies(tokens: MatrixTokens): readonly Kind[] {
  const other = 'gatehouse.other.v1.OtherService/Other';
  return [
    {
      name: 'nobody',
      edge: () => ({ bearer: NOBODY }),
      port: (method) => withPassports(method, NOBODY, []),
    },
    {
      name: 'anonymous',
      edge: ({ id }) => badToken(tokens.anonymousPassport(id)),
      port: (method) =>
        withPassports(method, { is: 'anonymous', methodId: method.id }, [
          tokens.anonymousPassport(method.id),
        ]),
    },
    {
      name: 'anonymous for another method',
      edge: () => ({ bearer: NOBODY, headers: { 'Txn-Token': tokens.anonymousPassport(other) } }),
      port: (method) =>
        withPassports(method, { is: 'anonymous', methodId: other }, [
          tokens.anonymousPassport(other),
        ]),
    },
  ];
}

function person(tokens: MatrixTokens, name: string, who: (method: MethodContract) => Person): Kind {
  return {
    name,
    edge: (method) => ({ bearer: who(method), token: tokens.person(who(method)) }),
    port: (method) =>
      withPassports(method, who(method), [tokens.personPassport(method, who(method))]),
  };
}

function loggedIn(tokens: MatrixTokens, { token, scopes }: Member): Kind {
  const who: Person = { is: 'person', scopes, roles: ['member'], authLevel: 1 };
  return {
    name: 'signed in, by logging in as a member',
    edge: () => ({ bearer: who, token }),
    port: (method) => withPassports(method, who, [tokens.personPassport(method, who)]),
  };
}

function workloads(tokens: MatrixTokens): readonly Kind[] {
  // What fits the rule best: the workload itself where the rule is for workloads, else a person.
  const fitting = (method: MethodContract, name: string): readonly [Bearer, string] =>
    method.rule.subject === 'WORKLOAD'
      ? [{ is: 'workload', name }, tokens.workloadPassport(method, name)]
      : [FULL, tokens.personPassport(method)];
  return [
    {
      name: 'right workload',
      edge: (method) => badToken(tokens.workloadPassport(method, rightWorkload(method))),
      port: (method) => {
        const [bearer, token] = fitting(method, rightWorkload(method));
        return withPassports(method, bearer, [token]);
      },
    },
    {
      name: 'right workload, in its own name',
      edge: (method) => badToken(tokens.service(rightWorkload(method))),
      port: (method) => {
        const name = rightWorkload(method);
        return withPassports(method, { is: 'workload', name }, [
          tokens.workloadPassport(method, name),
        ]);
      },
    },
    {
      name: "right workload, in another's name",
      edge: (method) => badToken(tokens.workloadPassport(method, 'stranger')),
      port: (method) =>
        withPassports(method, { is: 'workload', name: 'stranger' }, [
          tokens.workloadPassport(method, 'stranger'),
        ]),
    },
    {
      name: 'another workload',
      edge: () => badToken(tokens.service('stranger')),
      port: (method) => {
        const [bearer, token] = fitting(method, 'stranger');
        return { workload: 'stranger', bearer, passports: [token] };
      },
    },
  ];
}
