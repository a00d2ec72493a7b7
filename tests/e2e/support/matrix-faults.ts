/** The kinds of caller that are not what they show: each token has one fault, and no other. */
import type { PassportClaims } from '@gatehouse/tokens';
import { BAD, badToken, type Kind, NOBODY, REVOKED, withPassports } from './matrix-kinds.ts';
import {
  accessClaims,
  accessToken,
  impostorOf,
  type MatrixKeys,
  nowSeconds,
  passport,
  signAnything,
  spiffeId,
  unsigned,
} from './matrix-minter.ts';
import { EVERY_SCOPE, FULL, type MatrixTokens, rightWorkload } from './matrix-tokens.ts';

/** Names under which a passport from outside might be taken for one of ours. */
const LOOK_ALIKES = [
  'Txn-Token',
  'txn_token',
  'X-Txn-Token',
  'Txn-Token-Bin',
  'Transaction-Token',
  'Grpc-Metadata-Txn-Token',
];

const SCOPE = EVERY_SCOPE.join(' ');

/** A session that someone logged out of. */
export interface EndedSession {
  /** The access token that it had. */
  readonly token: string;
  readonly sessionId: string;
}

/** Every kind of caller that must be refused for what it shows. */
export function dishonestKinds(
  tokens: MatrixTokens,
  keys: MatrixKeys,
  ended: EndedSession,
): readonly Kind[] {
  return [
    ...signatureFaults(tokens, keys),
    ...claimFaults(tokens, keys),
    revoked(tokens, keys, ended),
    ...otherDoors(tokens, keys),
    ...ways(tokens),
  ];
}

function signatureFaults(tokens: MatrixTokens, keys: MatrixKeys): readonly Kind[] {
  const impostor = { access: impostorOf(keys.access), gateway: impostorOf(keys.gateway) };
  return [
    {
      name: 'forged signature',
      edge: () => badToken(accessToken(impostor.access, { scope: SCOPE })),
      port: (method) =>
        withPassports(method, BAD, [passport(impostor.gateway, tokens.personClaims(method))]),
    },
    {
      name: 'no signature',
      edge: () => badToken(unsigned(tokens.person(FULL))),
      port: (method) => withPassports(method, BAD, [unsigned(tokens.personPassport(method))]),
    },
    {
      name: 'unregistered gateway key',
      edge: (method) => badToken(passport(keys.unregistered, tokens.personClaims(method))),
      port: (method) =>
        withPassports(method, BAD, [passport(keys.unregistered, tokens.personClaims(method))]),
    },
    {
      name: "workload's name, gateway's key",
      edge: async (method) =>
        badToken(await invalidated(keys, { ...tokens.workloadClaims(method, 'auth') })),
      port: async (method) => {
        const claims = tokens.workloadClaims(method, rightWorkload(method));
        const own = await invalidated(keys, { ...claims, iss: spiffeId('gateway') });
        return withPassports(method, BAD, [own]);
      },
    },
    {
      name: "auth's name, gateway's key",
      edge: async () => badToken(await signAnything(keys.gateway, 'at+jwt', accessClaims({}))),
      port: async (method) => {
        const claims = { ...tokens.personClaims(method), iss: spiffeId('auth') };
        return withPassports(method, BAD, [await invalidated(keys, claims)]);
      },
    },
  ];
}

function claimFaults(tokens: MatrixTokens, keys: MatrixKeys): readonly Kind[] {
  const past = { iat: nowSeconds() - 180, exp: nowSeconds() - 120 };
  const aud = 'elsewhere';
  return [
    {
      name: 'expired',
      edge: () => badToken(accessToken(keys.access, { scope: SCOPE, ...past })),
      port: (method) =>
        withPassports(method, BAD, [
          passport(keys.gateway, { ...tokens.personClaims(method), ...past }),
        ]),
    },
    {
      name: 'wrong audience',
      edge: () => badToken(accessToken(keys.access, { scope: SCOPE, aud })),
      port: async (method) => {
        const claims = { ...tokens.personClaims(method), aud };
        return withPassports(method, BAD, [await invalidated(keys, claims)]);
      },
    },
    {
      name: 'wrong typ alone',
      edge: async () => {
        const claims = accessClaims({ scope: SCOPE });
        return badToken(await signAnything(keys.access, 'JWT', claims));
      },
      port: async (method) => {
        const claims = tokens.personClaims(method);
        const token = await signAnything(keys.gateway, 'at+jwt', claims);
        return withPassports(method, BAD, [token]);
      },
    },
  ];
}

function revoked(tokens: MatrixTokens, keys: MatrixKeys, { token, sessionId }: EndedSession): Kind {
  return {
    name: 'session ended',
    edge: () => badToken(token),
    port: (method) =>
      withPassports(method, REVOKED, [
        passport(keys.gateway, { ...tokens.personClaims(method), sid: sessionId }),
      ]),
  };
}

// Each kind of token at the entry of another.
function otherDoors(tokens: MatrixTokens, keys: MatrixKeys): readonly Kind[] {
  return [
    {
      name: "another entry's token",
      edge: (method) => badToken(tokens.personPassport(method)),
      port: (method) => withPassports(method, BAD, [tokens.person(FULL)]),
    },
    {
      name: 'service token',
      edge: () => badToken(tokens.service('gateway')),
      port: (method) => withPassports(method, BAD, [tokens.service('gateway')]),
    },
    {
      name: 'proof of a key',
      edge: () => badToken(keys.proof()),
      port: (method) => withPassports(method, BAD, [keys.proof()]),
    },
  ];
}

// Ways around the entry. Where one entry has no such way, the nearest equivalent is tried.
function ways(tokens: MatrixTokens): readonly Kind[] {
  return [
    {
      name: 'passport from outside',
      edge: (method) => ({
        bearer: NOBODY,
        headers: Object.fromEntries(
          LOOK_ALIKES.map((name) => [name, tokens.personPassport(method)]),
        ),
      }),
      // Inside, the like of it is a second passport beside the first.
      port: (method) =>
        withPassports(method, BAD, [tokens.personPassport(method), tokens.personPassport(method)]),
    },
    {
      name: 'no certificate',
      // At the edge, the like of it is to ask for the service's own path.
      edge: () => ({ bearer: FULL, token: tokens.person(FULL), atGrpcPath: true }),
      port: (method) => ({
        workload: undefined,
        tls: 'none',
        bearer: FULL,
        passports: [tokens.personPassport(method)],
      }),
    },
    {
      name: 'certificate of another authority',
      // At the edge, the like of it is a header that says so.
      edge: (method) => ({
        bearer: NOBODY,
        headers: { 'X-Forwarded-Client-Cert': `URI=${spiffeId(rightWorkload(method))}` },
      }),
      port: (method) => ({
        workload: undefined,
        tls: 'foreign',
        bearer: FULL,
        passports: [tokens.personPassport(method)],
      }),
    },
  ];
}

// Claims that our own minting would refuse to sign.
async function invalidated(keys: MatrixKeys, claims: PassportClaims): Promise<string> {
  return await signAnything(keys.gateway, 'txntoken+jwt', claims);
}
