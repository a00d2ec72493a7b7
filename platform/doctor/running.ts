/** Ports, your own database, and the parts of a running platform. */
import { checkAdmin } from '@gatehouse/postgres';
import { readConfig } from '../config.ts';
import { POSTGRES, services, TRACES_PORT } from '../parts.ts';
import { takenPorts } from '../supervisor/ports.ts';
import { portUses, replicasOf } from '../supervisor/replicas.ts';
import { type PartReport, type PlatformReport, reportOn } from '../supervisor/status.ts';
import { doubtful, type Finding, fine, wrong } from './finding.ts';

const TIMEOUT_MS = 5_000;

/** Whether the ports are free, or else held by the platform that runs on the folder. */
export async function checkPorts(
  report: PlatformReport | undefined,
  portOffset: number,
): Promise<Finding> {
  if (report !== undefined) return fine('ports', `of the platform, offset ${report.portOffset}`);
  const embedded = readConfig().databaseUrl === undefined;
  const parts = embedded ? [POSTGRES, ...services()] : services();
  const traces = { port: TRACES_PORT + portOffset, neededBy: 'the trace view' };
  const uses = [
    ...portUses(replicasOf({ parts, portOffset, replicas: {} })),
    ...(embedded ? [traces] : []),
  ];
  const taken = await takenPorts(uses);
  if (taken.length === 0) return fine('ports', `all ${uses.length} are free`);
  return wrong(
    'ports',
    taken.map(({ port, neededBy, owner }) => `${port} (${neededBy}): ${owner}`).join('; '),
    'Stop those processes, or move every port: --port-offset 1000.',
  );
}

/** Whether DATABASE_URL is reachable, by a role with the rights that are needed. */
export async function checkOwnDatabase(): Promise<Finding | undefined> {
  const { databaseUrl } = readConfig();
  if (databaseUrl === undefined) return undefined;
  const remedy =
    'DATABASE_URL must be like postgres://ROLE:PASSWORD@HOST:PORT/postgres, of a running server.';
  try {
    const { version, mayCreate } = await checkAdmin(databaseUrl);
    if (mayCreate) return fine('database', `yours, Postgres ${version}`);
    return wrong(
      'database',
      'the role of DATABASE_URL may not create roles and databases',
      'As a superuser: ALTER ROLE … CREATEROLE CREATEDB.',
    );
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
    const why = cause instanceof Error ? cause.message : String(cause);
    return wrong('database', `DATABASE_URL is unreachable: ${why}`, remedy);
  }
}

/** The state of each part of the running platform, by its own readiness checks. */
export async function checkParts(dataDir: string): Promise<readonly Finding[]> {
  const report = await reportOn(dataDir);
  if (report === undefined) return [];
  return Promise.all(report.parts.map((part) => checkPart(part, report)));
}

async function checkPart(part: PartReport, { up }: PlatformReport): Promise<Finding> {
  const { name, state, ports } = part;
  const remedy = `"gatehouse logs ${name}" shows its log.`;
  if (state === 'ready') return fine(name, 'ready');
  if (state === 'down') return wrong(name, 'no process; the supervisor restarts it', remedy);
  const failing = ports.admin === undefined ? [] : await failingChecks(ports.admin);
  const says = failing.length === 0 ? 'running, but not responding' : failing.join('; ');
  return up
    ? wrong(name, says, remedy)
    : doubtful(name, `starting: ${says}`, 'Run doctor again shortly.');
}

async function failingChecks(adminPort: number): Promise<readonly string[]> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { checks } = (await response.json()) as {
      readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly note?: string }>>;
    };
    return Object.entries(checks)
      .filter(([, { ok }]) => !ok)
      .map(([name, { note }]) => `${name}: ${note ?? 'failed'}`);
  } catch {
    return [];
  }
}
