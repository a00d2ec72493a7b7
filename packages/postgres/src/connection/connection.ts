/** One connection outside any pool, for work that is done once: migrations, making a database. */
import pg from 'pg';
import { connectErrorOf } from '../errors.ts';
import { targetOfUrl } from './tls.ts';

/**
 * Opens a connection. Whoever opens it ends it.
 *
 * @param config.connectionString - its TLS parameters are read as `targetOfUrl` says.
 * @throws DatabaseUrlError; GatehouseError as `connectErrorOf` says, when the server cannot be reached in time.
 */
export async function openConnection(
  config: pg.ClientConfig & { readonly connectionString: string },
): Promise<pg.Client> {
  const { url, tls } = targetOfUrl(config.connectionString);
  const ssl = tls === undefined ? false : tls();
  const client = new pg.Client({ ...config, connectionString: url, ssl });
  // What was running then fails by itself; without a listener the process would end.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectErrorOf(error);
  }
  return client;
}
