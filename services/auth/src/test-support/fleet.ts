/** Replicas of auth on one database, a user service, and a gateway that calls them. For tests. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import type { Listener, PassportGate, ServiceClient, ServiceContext } from '@gatehouse/chassis';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { User_Status, UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import {
  createTestAuthority,
  implementPartly,
  startTestPostgres,
  startTestService,
  type TestPostgres,
  type TestService,
} from '@gatehouse/testing';
import {
  type Clock,
  createPassportVerifier,
  createStaticKeySet,
  generateSigningKey,
  type JwkSet,
  mintKeyProof,
  mintPassport,
  type PassportClaims,
  type SigningKey,
  systemClock,
  type Verifier,
} from '@gatehouse/tokens';
import { build } from '../app.ts';
import { EDGE, ISSUER } from './rig.ts';
import type { Spans } from './spans.ts';

const TRUST_DOMAIN = 'gatehouse.local';
export const GATEWAY = `spiffe://${TRUST_DOMAIN}/gateway`;
export const AUTH = `spiffe://${TRUST_DOMAIN}/auth`;

export type AuthClient = ServiceClient<typeof AuthService>;

export interface AuthReplica {
  readonly service: TestService;
  /** Calls this replica alone, as the gateway. */
  readonly client: AuthClient;
  readonly httpUrl: string;
  readonly keysPort: number;
}

/** @param given - a Postgres of one's own, for a test that hurts it. */
export async function startFleet(given?: TestPostgres) {
  const postgres = given ?? (await startTestPostgres());
  const authority = await createTestAuthority({ trustDomain: TRUST_DOMAIN });
  const databaseUrl = await postgres.createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-auth-test-'));
  const kekFile = join(folder, 'kek');
  await writeFile(kekFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const services: TestService[] = [];
  let authUrl: string | undefined;
  let verifier: Verifier<PassportClaims> | undefined;
  const keysOfAuth = async () => {
    const response = await fetch(`${authUrl}/.well-known/txn-jwks.json`);
    return createStaticKeySet((await response.json()) as JwkSet);
  };
  const userGate: PassportGate = {
    revocationsStale: false,
    verify: async (token) => {
      // Made when the first passport comes: auth is started after the user service.
      verifier ??= createPassportVerifier({ trustDomain: TRUST_DOMAIN, keys: await keysOfAuth() });
      return verifier.verify(token);
    },
  };
  const user = await startUser();

  async function start(options: Parameters<typeof startTestService>[0]): Promise<TestService> {
    const service = await startTestService(options);
    services.unshift(service);
    return service;
  }

  /** Says yes to every caller that its rules and auth's key set admit. */
  async function startUser() {
    const yes = async ({ userId }: { userId: string }) => ({ userId, status: User_Status.ACTIVE });
    const service = implementPartly(UserService, { createProfile: yes, activateUser: yes });
    return start({
      name: 'user',
      authority,
      build: async () => ({ implementations: [service], passports: userGate }),
    });
  }

  /** A client of auth with the certificate of a workload. */
  function clientAs(workload: string, auth: TestService): Promise<AuthClient> {
    return dialAs(AuthService, workload, auth);
  }

  /** The same of any contract that auth serves. */
  async function dialAs<S extends DescService>(
    contract: S,
    workload: string,
    auth: TestService,
  ): Promise<ServiceClient<S>> {
    let client: ServiceClient<S> | undefined;
    await start({
      name: workload,
      authority,
      env: { GATEHOUSE_UPSTREAMS: `auth=localhost:${auth.grpcPort}` },
      build: async (context: ServiceContext) => {
        client = context.client(contract);
        return { implementations: [] };
      },
    });
    if (client === undefined) throw new Error('the client was not made');
    return client;
  }

  async function startAuth(
    env: Record<string, string> = {},
    { clock = systemClock, spans }: { readonly clock?: Clock; readonly spans?: Spans } = {},
  ): Promise<AuthReplica> {
    let listeners: readonly Listener[] = [];
    const service = await start({
      name: 'auth',
      authority,
      clock,
      ...(spans === undefined ? {} : { spanProcessors: [spans] }),
      env: {
        DATABASE_URL: databaseUrl,
        GATEHOUSE_ISSUER: ISSUER,
        GATEHOUSE_EDGE_AUDIENCE: EDGE,
        GATEHOUSE_HTTP_PORT: '0',
        GATEHOUSE_KEYS_PORT: '0',
        GATEHOUSE_KEK_FILE: kekFile,
        GATEHOUSE_UPSTREAMS: `user=localhost:${user.grpcPort}`,
        ...env,
      },
      build: async (context: ServiceContext) => {
        const app = await build(context);
        listeners = app.listeners ?? [];
        return app;
      },
    });
    const portOf = (name: string) => {
      const listener = listeners.find((candidate) => candidate.name === name);
      // Auth's own listeners know their ports.
      return (listener as { readonly port?: number } | undefined)?.port ?? 0;
    };
    const httpUrl = `http://127.0.0.1:${portOf('well-known')}`;
    authUrl ??= httpUrl;
    return {
      service,
      client: await clientAs('gateway', service),
      httpUrl,
      keysPort: portOf('keys'),
    };
  }

  return {
    authority,
    databaseUrl,
    kekFile,
    startAuth,
    clientAs,
    dialAs,
    close: async () => {
      for (const service of services) await service.close();
      await authority.close();
      await postgres.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Registers a key of a gateway. */
export async function registerKey(
  client: AuthClient,
  key: SigningKey = generateSigningKey('ES256'),
) {
  const publicKey = key.publicKey.export({ format: 'der', type: 'spki' });
  const proof = mintKeyProof(key, { issuer: GATEWAY, audience: AUTH, nowMs: Date.now() });
  const answer = await client.registerPassportKey({ publicKey, proof });
  return { key, publicKey, proof, answer };
}

/** Passports as a gateway mints them. */
export function passports(key: SigningKey) {
  const base = (): PassportClaims => {
    const iat = Math.floor(Date.now() / 1000);
    const txn = randomUUID();
    return {
      iss: GATEWAY,
      aud: TRUST_DOMAIN,
      txn,
      jti: randomUUID(),
      sub: `anonymous:${txn}`,
      scope: '',
      rctx: { addr: '192.0.2.1' },
      tctx: { method: 'none' },
      req_wl: GATEWAY,
      iat,
      exp: iat + 60,
    };
  };
  return {
    anonymous: (method: string, addr = '192.0.2.1') => {
      const id = `${AuthService.typeName}/${method}`;
      const claims = { ...base(), rctx: { addr }, tctx: { method: id } };
      return { passport: mintPassport(key, claims) };
    },
    person: (accessToken: string) => {
      const token = JSON.parse(
        Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString(),
      );
      const { sub, sid, sv, scope, roles } = token;
      const rctx = { addr: '192.0.2.1', authn: 1 };
      return { passport: mintPassport(key, { ...base(), sub, sid, sv, scope, roles, rctx }) };
    },
  };
}
