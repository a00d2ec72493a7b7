/** Connections to auth and core with the operator's certificate. */
import type { Dialled } from '@gatehouse/chassis/dial';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import type { CoreOperatorService } from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';

/** The workload name in the certificate of whoever operates the platform. */
export const OPERATOR = 'operator';

/** The service to connect to, and the certificate to connect with. */
export interface OperatorTarget {
  /** `key.pem`, `chain.pem`, `bundle.pem` of `spiffe://<trust domain>/operator`. */
  readonly tlsFolder: string;
  /** `host:port` of the service's gRPC listeners. */
  readonly addresses: readonly string[];
}

/** Connects to auth's contract for operators. */
export async function connectToAuth(
  target: OperatorTarget,
): Promise<Dialled<typeof OperatorService>> {
  // Only when it is needed: gRPC takes longer to load than most commands take to run.
  const [{ dial }, contract] = await Promise.all([
    import('@gatehouse/chassis/dial'),
    import('@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts'),
  ]);
  return dial(contract.OperatorService, target);
}

/** Connects to core's contract for operators. */
export async function connectToCore(
  target: OperatorTarget,
): Promise<Dialled<typeof CoreOperatorService>> {
  const [{ dial }, contract] = await Promise.all([
    import('@gatehouse/chassis/dial'),
    import('@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts'),
  ]);
  return dial(contract.CoreOperatorService, target);
}
