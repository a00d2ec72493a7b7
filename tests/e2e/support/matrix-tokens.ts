/** The tokens that callers of the matrix show, by what they amount to. */
import { METHODS, type MethodContract } from '@gatehouse/contracts';
import type { PassportClaims } from '@gatehouse/tokens';
import type { Bearer } from './matrix-expected.ts';
import {
  accessToken,
  type MatrixKeys,
  passport,
  passportClaims,
  randomId,
  serviceToken,
  spiffeId,
} from './matrix-minter.ts';

/** A person with what a token says of them. */
export type Person = Extract<Bearer, { readonly is: 'person' }>;

/** Every scope and role that some rule asks for. */
export const EVERY_SCOPE = [
  ...new Set(METHODS.flatMap(({ rule }) => [...rule.scopes, ...rule.carries])),
];
export const EVERY_ROLE = [...new Set(['member', ...METHODS.flatMap(({ rule }) => rule.roles)])];

/** A person who may do everything that persons may. */
export const FULL: Person = {
  is: 'person',
  scopes: EVERY_SCOPE,
  roles: EVERY_ROLE,
  authLevel: 2,
};

/** A workload that the rule lets call. */
export function rightWorkload({ rule }: MethodContract): string {
  const [first = 'gateway'] = rule.callers;
  return first === '*' ? 'user' : first;
}

/** Good tokens, and the claims of valid ones to be invalidated. */
export interface MatrixTokens {
  person(person: Person): string;
  service(workload: string): string;
  personClaims(method: MethodContract, person?: Person): PassportClaims;
  personPassport(method: MethodContract, person?: Person): string;
  anonymousPassport(methodId: string): string;
  workloadClaims(method: MethodContract, workload: string): PassportClaims;
  workloadPassport(method: MethodContract, workload: string): string;
}

export function matrixTokens(keys: MatrixKeys): MatrixTokens {
  const personClaims = (method: MethodContract, person: Person = FULL): PassportClaims =>
    passportClaims({
      sid: randomId('ses'),
      sv: 1,
      scope: person.scopes.join(' '),
      roles: person.roles,
      rctx: { addr: '127.0.0.1', authn: person.authLevel },
      tctx: { method: method.id },
    });
  const workloadClaims = (method: MethodContract, workload: string): PassportClaims =>
    passportClaims({
      iss: spiffeId('auth'),
      sub: spiffeId(workload),
      req_wl: spiffeId(workload),
      tctx: { method: method.id },
    });
  return {
    personClaims,
    workloadClaims,
    person: ({ scopes, roles, authLevel }) =>
      accessToken(keys.access, { scope: scopes.join(' '), roles, auth_level: authLevel }),
    service: (workload) => serviceToken(keys.access, workload),
    personPassport: (method, person) => passport(keys.gateway, personClaims(method, person)),
    anonymousPassport: (methodId) => {
      const txn = randomId('txn');
      return passport(keys.gateway, { txn, sub: `anonymous:${txn}`, tctx: { method: methodId } });
    },
    workloadPassport: (method, workload) =>
      passport(keys.authPassport, workloadClaims(method, workload)),
  };
}
