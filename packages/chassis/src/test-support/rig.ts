/** A service, a caller with a certificate of the same authority, and an issuer of its passports. */
import type { DescService } from '@bufbuild/protobuf';
import { createServiceClient, createUpstream, type ServiceClient } from '@gatehouse/client/grpc';
import {
  createTestAuthority,
  createTestIssuer,
  startTestService,
  type TestAuthority,
  type TestIssuer,
  type TestPassportGate,
  type TestService,
  type TestServiceOptions,
} from '@gatehouse/testing';
import { trace } from '@opentelemetry/api';
import type { ServiceApp } from '../context/service-context.ts';
import { TlsFiles } from '../tls/tls-files.ts';

export interface Rig {
  readonly service: TestService;
  readonly logLines: readonly string[];
  readonly issuer: TestIssuer;
  readonly gate: TestPassportGate;
  readonly authority: TestAuthority;
  /** The caller's certificate. */
  readonly tls: TlsFiles;
  /** A client of the contract, as the workload. */
  client<S extends DescService>(service: S): ServiceClient<S>;
  close(): Promise<void>;
}

/**
 * Starts it.
 *
 * @param app - what the service is made of; passports are verified by the issuer.
 * @param options.as - whose certificate the caller has. Default `gateway`.
 */
export async function startRig(
  app: ServiceApp,
  options: { readonly as?: string } & Pick<TestServiceOptions, 'spanProcessors' | 'env'> = {},
): Promise<Rig> {
  const { as = 'gateway', ...rest } = options;
  const authority = await createTestAuthority();
  const issuer = createTestIssuer();
  const gate = issuer.gate();
  const service = await startTestService({
    name: 'board',
    authority,
    ...rest,
    build: async () => ({ passports: gate, ...app }),
  });
  const tls = new TlsFiles(await authority.folderFor(as));
  const upstream = createUpstream({
    addresses: [`localhost:${service.grpcPort}`],
    serverSpiffeId: 'spiffe://gatehouse.local/board',
    tls,
    tracer: trace.getTracer('test'),
  });
  return {
    service,
    logLines: service.logLines,
    issuer,
    gate,
    authority,
    tls,
    client: (contract) => createServiceClient(contract, upstream),
    close: async () => {
      upstream.close();
      await service.close();
      await authority.close();
    },
  };
}
