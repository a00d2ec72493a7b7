/** Settings of the platform, from the environment. */

export interface PlatformConfig {
  /** DATABASE_URL: your own Postgres, by a role that may create roles and databases. */
  readonly databaseUrl: string | undefined;
  /** GATEHOUSE_TRUST_DOMAIN; default `gatehouse.local`. */
  readonly trustDomain: string;
  /** Variables that every process of the platform inherits. */
  readonly inherited: Readonly<Record<string, string>>;
}

// Nothing else reaches the services: not npm's variables, not the starter's secrets.
const INHERITED = new Set([
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
]);
const INHERITED_PREFIXES = ['GATEHOUSE_', 'OTEL_'];

export function readConfig(env: NodeJS.ProcessEnv = process.env): PlatformConfig {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const wanted =
      INHERITED.has(name) || INHERITED_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (wanted && value !== undefined) inherited[name] = value;
  }
  return {
    databaseUrl: env.DATABASE_URL || undefined,
    trustDomain: env.GATEHOUSE_TRUST_DOMAIN || 'gatehouse.local',
    inherited,
  };
}
