/** The operators' door of the platform under test. */
import type { KeyInfo } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { layoutOf, OPERATOR, openOperatorDoor } from '@gatehouse/platform';
import { target } from '../../e2e/support/config.ts';

type Door = Awaited<ReturnType<typeof openOperatorDoor>>;

/** Asks auth something as an operator, on a connection of its own. */
export async function asOperator<R>(ask: (auth: Door['client']) => Promise<R>): Promise<R> {
  const { dataDir, ports } = target();
  const door = await openOperatorDoor({
    tlsFolder: layoutOf(dataDir).identity(OPERATOR),
    addresses: [`localhost:${ports.auth?.grpc}`],
  });
  try {
    return await ask(door.client);
  } finally {
    door.close();
  }
}

/** Auth's keys and those of gateways, as they are now. */
export async function keysNow(): Promise<readonly KeyInfo[]> {
  return (await asOperator((auth) => auth.listKeys({}))).keys;
}
