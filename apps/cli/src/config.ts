/** What the command line takes from its environment. The platform reads its own settings itself. */

/** Whether the platform would run on a Postgres of one's own: DATABASE_URL is set. */
export function hasOwnDatabase(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env.DATABASE_URL);
}

/** The trust domain that the platform would have. */
export function trustDomain(env: NodeJS.ProcessEnv = process.env): string {
  return env.GATEHOUSE_TRUST_DOMAIN || 'gatehouse.local';
}
