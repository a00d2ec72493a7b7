/** From parts to processes: which replicas run, on which ports, with which environment. */
import { fillEnv, type Wiring } from '../discovery/env.ts';
import type { Part } from '../discovery/part.ts';
import { PlatformError } from '../errors.ts';
import { commonEnv } from '../parts.ts';
import type { PortUse } from './ports.ts';

/** One replica of a part: one process. */
export interface Replica {
  /** `gateway`, `gateway-2`, … */
  readonly name: string;
  readonly part: Part;
  readonly ports: Readonly<Record<string, number>>;
}

/** An offset above this would push a port beyond 65535. */
const MAX_OFFSET = 50_000;

/**
 * Lists the processes to run.
 *
 * @param options.portOffset added to every port; 0 to 50000.
 * @param options.replicas part → how many; 1 where a part is not named.
 * @throws PlatformError for an unknown part, or more replicas than the part has ports for.
 */
export function replicasOf(options: {
  readonly parts: readonly Part[];
  readonly portOffset: number;
  readonly replicas: Readonly<Record<string, number>>;
}): readonly Replica[] {
  const { parts, portOffset, replicas } = options;
  if (!Number.isInteger(portOffset) || portOffset < 0 || portOffset > MAX_OFFSET) {
    throw new PlatformError(
      `The port offset must be a whole number from 0 to ${MAX_OFFSET}.`,
      'For example: --port-offset 1000.',
    );
  }
  for (const [name, count] of Object.entries(replicas)) assertReplicas(parts, name, count);
  return parts.flatMap((part) =>
    Array.from({ length: replicas[part.name] ?? 1 }, (_, index) => ({
      name: index === 0 ? part.name : `${part.name}-${index + 1}`,
      part,
      ports: portsOf(part, index, portOffset),
    })),
  );
}

/** Every port that the replicas listen on. */
export function portUses(replicas: readonly Replica[]): readonly PortUse[] {
  return replicas.flatMap(({ name, ports }) =>
    Object.entries(ports).map(([listener, port]) => ({ port, neededBy: `${name} (${listener})` })),
  );
}

/** `auth=localhost:7410,user=localhost:7420,…`: each gRPC listener that runs. */
export function upstreamsOf(replicas: readonly Replica[]): string {
  return replicas
    .flatMap(({ part, ports }) =>
      ports.grpc === undefined ? [] : [`${part.name}=localhost:${ports.grpc}`],
    )
    .join(',');
}

/** The base URL of a plain HTTP listener, of each replica of a part. */
export function urlsOf(
  replicas: readonly Replica[],
  part: string,
  listener: string,
): readonly string[] {
  return replicas
    .filter((replica) => replica.part.name === part)
    .map(({ ports }) => `http://127.0.0.1:${ports[listener]}`);
}

/** Settings of one process alone. */
export interface OwnSettings {
  readonly tlsFolder: string;
  readonly databaseUrl?: string;
  readonly client?: PartClient;
}

/** A part's client, and the file that holds its secret. */
export interface PartClient {
  readonly id: string;
  readonly secretFile: string;
}

/** The environment of one service process. */
export function envOf(
  replica: Replica,
  at: Wiring,
  own: OwnSettings,
): Readonly<Record<string, string>> {
  const ports = Object.entries(replica.ports).map(([listener, port]) => [
    `GATEHOUSE_${listener.toUpperCase()}_PORT`,
    String(port),
  ]);
  return {
    ...commonEnv(at),
    ...Object.fromEntries(ports),
    GATEHOUSE_TLS_DIR: own.tlsFolder,
    ...(own.client === undefined
      ? {}
      : {
          GATEHOUSE_CLIENT_ID: own.client.id,
          GATEHOUSE_CLIENT_SECRET_FILE: own.client.secretFile,
        }),
    ...(own.databaseUrl === undefined ? {} : { DATABASE_URL: own.databaseUrl }),
    ...fillEnv(replica.part.env ?? {}, at),
  };
}

function assertReplicas(parts: readonly Part[], name: string, count: number): void {
  const part = parts.find((each) => each.name === name);
  if (part === undefined) {
    throw new PlatformError(
      `There is no part "${name}".`,
      `Parts: ${parts.map((each) => each.name).join(', ')}.`,
    );
  }
  if (!Number.isInteger(count) || count < 1 || count > part.maxReplicas) {
    throw new PlatformError(
      `${name} can run 1 to ${part.maxReplicas} replicas here, not ${count}.`,
      'Each replica needs ports of its own; maxReplicas of its service.json says how many there are.',
    );
  }
}

function portsOf(part: Part, index: number, offset: number): Readonly<Record<string, number>> {
  const ports = Object.entries(part.ports).map(([listener, port]) => [
    listener,
    port + offset + index * (part.steps?.[listener] ?? 0),
  ]);
  return Object.fromEntries(ports);
}
