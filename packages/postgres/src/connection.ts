/** One connection outside any pool, for work that is done once: migrations, making a database. */
import pg from 'pg';
import { connectErrorOf } from './errors.ts';

/**
 * Opens a connection. Whoever opens it ends it.
 *
 * @throws GatehouseError as `connectErrorOf` says, when the server cannot be reached in time.
 */
export async function openConnection(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  // What was running then fails by itself; without a listener the process would end.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectErrorOf(error);
  }
  return client;
}
