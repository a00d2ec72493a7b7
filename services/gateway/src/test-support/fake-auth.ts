/**
 * An auth service for tests of the gateway: leases passport keys, serves both key sets, and tells
 * the revocations that a test gives it. Signs access tokens with a key of its own.
 */
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  type Call,
  type Handlers,
  implement,
  type Listener,
  type ServiceApp,
  type ServiceContext,
} from '@gatehouse/chassis';
import {
  type AccessChangeSchema,
  AuthService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import {
  type AccessTokenClaims,
  createPassportVerifier,
  generateSigningKey,
  type KeySource,
  mintAccessToken,
  systemClock,
  toPublicJwk,
  type VerificationKey,
  verifyKeyProof,
} from '@gatehouse/tokens';

export const ISSUER = 'http://127.0.0.1:8091';
export const AUDIENCE = 'https://edge.gatehouse.local';

type Change = Omit<MessageInitShape<typeof AccessChangeSchema>, '$typeName' | 'position'>;

/** The fake, and what a test may do with it. */
export interface FakeAuth {
  readonly build: (context: ServiceContext) => Promise<ServiceApp>;
  /** Where the key sets are served, once it runs. */
  keysUrl(): string;
  /** An access token of its own session, unless the claims say otherwise. */
  token(claims?: Partial<AccessTokenClaims>): string;
  /** Tells everyone who listens. */
  tell(change: Change): void;
}

/** @param onCall - told of each call that its Login admits. */
export function createFakeAuth(onCall: (call: Call) => void): FakeAuth {
  const accessKey = generateSigningKey('RS256');
  const passportKeys = new Map<string, VerificationKey>();
  const news = createNews();
  let keysPort = 0;
  let sessions = 0;
  const keys: KeySource = {
    ready: true,
    find: (kid) => passportKeys.get(kid),
    refresh: () => Promise.resolve(),
  };
  const documents = () => ({
    access: [toPublicJwk(accessKey)],
    passports: [...passportKeys.values()].map(({ kid, alg, key, issuer = '' }) =>
      toPublicJwk({ kid, alg, publicKey: key }, { iss: issuer }),
    ),
  });
  return {
    tell: news.tell,
    keysUrl: () => `https://localhost:${keysPort}`,
    token: (claims = {}) => {
      const iat = Math.floor(Date.now() / 1000);
      sessions += 1;
      return mintAccessToken(accessKey, {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: 'usr_1',
        client_id: 'web',
        scope: 'board:read board:write user:read',
        roles: ['member'],
        sid: `ses_${sessions}`,
        sv: 1,
        jti: `jti_${sessions}`,
        iat,
        exp: iat + 900,
        ...claims,
      });
    },
    build: async (context) => {
      const verifier = createPassportVerifier({ trustDomain: context.trustDomain, keys });
      const handlers: Partial<Handlers<typeof AuthService>> = {
        registerPassportKey: ({ publicKey, proof }, { caller }) => {
          const { kid, publicKey: key } = verifyKeyProof({
            proof,
            publicKeySpki: publicKey,
            issuer: caller,
            audience: context.identity,
            clock: systemClock,
          });
          passportKeys.set(kid, { kid, alg: 'ES256', key, issuer: caller });
          news.tell({ event: { case: 'keysChanged', value: {} } });
          const leaseExpiresAt = timestampFromMs(Date.now() + 600_000);
          return { kid, issuer: caller, leaseExpiresAt, heartbeatSeconds: 120 };
        },
        watchAccessChanges: (_request, { signal }) => news.listen(signal),
        login: (request, call) => {
          onCall(call);
          return { tokenType: 'Bearer', accessToken: request.email };
        },
      };
      return {
        passports: { verify: (token) => verifier.verify(token), revocationsStale: false },
        implementations: [implement(AuthService, withTheRest(handlers))],
        listeners: [
          keySets(context, documents, (port) => {
            keysPort = port;
          }),
        ],
      };
    },
  };
}

/** Every method has a function; those that no test needs fail. */
function withTheRest(
  handlers: Partial<Handlers<typeof AuthService>>,
): Handlers<typeof AuthService> {
  const missing = AuthService.methods.map(({ localName }) => [
    localName,
    () => {
      throw new Error(`${localName} is not part of this test`);
    },
  ]);
  return { ...Object.fromEntries(missing), ...handlers } as Handlers<typeof AuthService>;
}

function createNews() {
  const listeners = new Set<(change: Change) => void>();
  return {
    tell: (change: Change): void => {
      for (const listener of listeners) listener(change);
    },
    listen: async function* (
      signal: AbortSignal,
    ): AsyncGenerator<MessageInitShape<typeof AccessChangeSchema>> {
      const queue: Change[] = [];
      let wake: () => void = () => undefined;
      const listener = (change: Change): void => {
        queue.push(change);
        wake();
      };
      listeners.add(listener);
      signal.addEventListener('abort', () => wake());
      let position = 0n;
      yield { position, event: { case: 'snapshot', value: {} } };
      while (!signal.aborted) {
        const change = queue.shift();
        if (change === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else {
          position += 1n;
          yield { ...change, position };
        }
      }
      listeners.delete(listener);
    },
  };
}

/** The two key-set documents over mutual TLS. */
function keySets(
  context: ServiceContext,
  documents: () => { readonly access: readonly object[]; readonly passports: readonly object[] },
  onPort: (port: number) => void,
): Listener {
  const tls = { ...context.tls.secureContextOptions(), requestCert: true };
  const server = createHttpsServer(tls, (request, response) => {
    const { access, passports } = documents();
    const isPassports = request.url?.endsWith('/txn-jwks.json') === true;
    response.setHeader('content-type', 'application/jwk-set+json');
    response.end(JSON.stringify({ keys: isPassports ? passports : access }));
  });
  return {
    name: 'keys',
    start: () =>
      new Promise((resolve) => {
        server.listen(0, 'localhost', () => {
          onPort((server.address() as AddressInfo).port);
          resolve();
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
