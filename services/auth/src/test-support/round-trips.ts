/** Stands before Postgres and counts how often it is waited for. For tests. */
import { connect, createServer } from 'node:net';

export async function countRoundTrips(databaseUrl: string) {
  const target = new URL(databaseUrl);
  let count = 0;
  const server = createServer((client) => {
    const postgres = connect(Number(target.port), target.hostname);
    let isWaiting = false;
    client.on('data', (chunk) => {
      // However many packets a request takes, its response is waited for once.
      if (!isWaiting) count += 1;
      isWaiting = true;
      postgres.write(chunk);
    });
    postgres.on('data', (chunk) => {
      isWaiting = false;
      client.write(chunk);
    });
    client.on('close', () => postgres.destroy()).on('error', () => undefined);
    postgres.on('close', () => client.destroy()).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const proxied = new URL(databaseUrl);
  proxied.hostname = '127.0.0.1';
  proxied.port = String(address.port);
  return {
    url: proxied.href,
    /** How many round trips some work takes. */
    async of(work: () => Promise<unknown>): Promise<number> {
      const before = count;
      await work();
      return count - before;
    },
    close: () => server.close(),
  };
}
