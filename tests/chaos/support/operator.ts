/** A connection to auth of the platform under test, as an operator. */
import type { KeyInfo } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { connectToAuth, layoutOf, OPERATOR } from '@gatehouse/platform';
import { target } from '../../e2e/support/config.ts';

type Connection = Awaited<ReturnType<typeof connectToAuth>>;

/** Asks auth something as an operator, on a connection of its own. */
export async function asOperator<R>(ask: (auth: Connection['client']) => Promise<R>): Promise<R> {
  const { dataDir, ports } = target();
  const connection = await connectToAuth({
    tlsFolder: layoutOf(dataDir).identity(OPERATOR),
    addresses: [`localhost:${ports.auth?.grpc}`],
  });
  try {
    return await ask(connection.client);
  } finally {
    connection.close();
  }
}

/** Auth's keys and those of gateways, as they are now. */
export async function keysNow(): Promise<readonly KeyInfo[]> {
  return (await asOperator((auth) => auth.listKeys({}))).keys;
}
