/** The clients of parts that call others with service tokens. */
import { ensureClient } from '../clients/ensure.ts';
import { connectToAuth, OPERATOR } from '../clients/operator.ts';
import type { Part } from '../discovery/part.ts';
import type { Setting } from './plans.ts';
import type { PartClient } from './replicas.ts';

export interface PartClients {
  /**
   * The client of a part, created when there is none yet; the same for all of its replicas. Auth must be
   * ready.
   *
   * @returns undefined for a part that has none.
   */
  of(part: Part): Promise<PartClient | undefined>;
}

export function createPartClients({ layout, replicas }: Setting): PartClients {
  const known = new Map<string, Promise<PartClient>>();

  async function ensure(name: string, scopes: readonly string[]): Promise<PartClient> {
    const files = layout.client(name);
    const { client, close } = await connectToAuth({
      tlsFolder: layout.identity(OPERATOR),
      addresses: replicas.flatMap(({ part, ports }) =>
        part.name === 'auth' ? [`localhost:${ports.grpc}`] : [],
      ),
    });
    try {
      const id = await ensureClient(client, { name, scopes }, files);
      return { id, secretFile: files.secret };
    } finally {
      close();
    }
  }

  return {
    of: async ({ name, clientScopes }) => {
      if (clientScopes === undefined) return undefined;
      const client = known.get(name) ?? ensure(name, clientScopes);
      known.set(name, client);
      return client;
    },
  };
}
