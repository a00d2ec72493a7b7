/** A service on a database of its own, as other workloads call it. */
import type { DescService } from '@bufbuild/protobuf';
import type { BuildService, ServiceClient } from '@gatehouse/chassis';
import { createTestAuthority } from '../authority.ts';
import type { TestIssuer } from '../issuer.ts';
import { startTestPostgres } from '../postgres/shared.ts';
import { startTestService, type TestService, type TestServiceOptions } from './start.ts';

/** Which service, and whose passports it accepts. */
export interface ServiceUnderTestOptions
  extends Pick<TestServiceOptions, 'name' | 'build' | 'clock' | 'env'> {
  readonly issuer: TestIssuer;
}

export interface ServiceUnderTest {
  readonly service: TestService;
  /** Of its database, for a test that looks into it. */
  readonly databaseUrl: string;
  /** A client of it in the name of a workload: `gateway`, `auth`, … */
  clientOf<S extends DescService>(contract: S, workload?: string): Promise<ServiceClient<S>>;
  /** Ends all of it. */
  close(): Promise<void>;
}

/**
 * Starts a service with a database and a test authority of its own; close it in the test's `after`.
 *
 * @example
 * ```ts
 * import { after, before } from 'node:test';
 * import type { BuildService, ServiceClient } from '@gatehouse/chassis';
 * import { UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
 * import { createTestIssuer, type ServiceUnderTest, startServiceUnderTest } from '@gatehouse/testing';
 *
 * declare const build: BuildService;
 * let tested: ServiceUnderTest;
 * let client: ServiceClient<typeof UserService>;
 * before(async () => {
 *   tested = await startServiceUnderTest({ name: 'user', build, issuer: createTestIssuer() });
 *   client = await tested.clientOf(UserService);
 * });
 * after(() => tested.close());
 * ```
 */
export async function startServiceUnderTest({
  name,
  build,
  issuer,
  clock,
  env,
}: ServiceUnderTestOptions): Promise<ServiceUnderTest> {
  const postgres = await startTestPostgres();
  const databaseUrl = await postgres.createDatabase();
  const authority = await createTestAuthority();
  const withPassports: BuildService = async (context) => ({
    ...(await build(context)),
    passports: issuer.gate(),
  });
  const service = await startTestService({
    name,
    authority,
    env: { DATABASE_URL: databaseUrl, ...env },
    build: withPassports,
    clock,
  });
  const callers: TestService[] = [];
  return {
    service,
    databaseUrl,
    clientOf: async <S extends DescService>(contract: S, workload = 'gateway') => {
      const client = Promise.withResolvers<ServiceClient<S>>();
      const caller = await startTestService({
        name: workload,
        authority,
        env: { GATEHOUSE_UPSTREAMS: `${name}=localhost:${service.grpcPort}` },
        build: async (context) => {
          client.resolve(context.client(contract));
          return { implementations: [] };
        },
      });
      callers.push(caller);
      return client.promise;
    },
    close: async () => {
      for (const caller of callers) await caller.close();
      await service.close();
      await authority.close();
      await postgres.close();
    },
  };
}
