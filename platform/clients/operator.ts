/** The operators' doors of auth and core, opened with the certificate in the data folder. */
import type { Dialled } from '@gatehouse/chassis/dial';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import type { CoreOperatorService } from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';

/** The workload name in the certificate of whoever operates the platform. */
export const OPERATOR = 'operator';

/** Where a door is, and who opens it. */
export interface Door {
  /** `key.pem`, `chain.pem`, `bundle.pem` of `spiffe://<trust domain>/operator`. */
  readonly tlsFolder: string;
  /** `host:port` of the service's gRPC listeners. */
  readonly addresses: readonly string[];
}

/** A client of auth's contract for operators. */
export async function openOperatorDoor(door: Door): Promise<Dialled<typeof OperatorService>> {
  // Only when it is needed: gRPC takes longer to load than most commands take to run.
  const [{ dial }, contract] = await Promise.all([
    import('@gatehouse/chassis/dial'),
    import('@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts'),
  ]);
  return dial(contract.OperatorService, door);
}

/** A client of core's contract for operators. */
export async function openCoreDoor(door: Door): Promise<Dialled<typeof CoreOperatorService>> {
  const [{ dial }, contract] = await Promise.all([
    import('@gatehouse/chassis/dial'),
    import('@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts'),
  ]);
  return dial(contract.CoreOperatorService, door);
}
