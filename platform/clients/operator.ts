/** The operator's door of auth, opened with the certificate in the data folder. */
import type { Dialled } from '@gatehouse/chassis/dial';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';

/** The workload name in the certificate of whoever operates the platform. */
export const OPERATOR = 'operator';

/**
 * A client of the operators' contract.
 *
 * @param door.tlsFolder - `key.pem`, `chain.pem`, `bundle.pem` of `spiffe://<trust domain>/operator`.
 * @param door.addresses - `host:port` of auth's gRPC listeners.
 */
export async function openOperatorDoor(door: {
  readonly tlsFolder: string;
  readonly addresses: readonly string[];
}): Promise<Dialled<typeof OperatorService>> {
  // Only when it is needed: gRPC takes longer to load than most commands take to run.
  const [{ dial }, contract] = await Promise.all([
    import('@gatehouse/chassis/dial'),
    import('@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts'),
  ]);
  return dial(contract.OperatorService, door);
}
