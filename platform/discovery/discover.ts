/** Finds the services of a clone by their folders, and checks that what they declare fits together. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '../errors.ts';
import { fileOf, INSIDE_PORTS, invalid, readDeclaration } from './declaration.ts';
import { placeholdersIn } from './env.ts';
import type { Part } from './part.ts';

/** What stands beside the services of a clone. */
export interface Surroundings {
  /** Parts that are no service: what they listen on is taken, and their names are. */
  readonly parts: readonly Part[];
  /** Ports that the supervisor itself listens on, by what it needs them for. */
  readonly ports: Readonly<Record<string, number>>;
  /** Every scope that a contract declares. */
  readonly scopes: readonly string[];
}

/**
 * Lists the services of a clone: each folder of `services/` with a `service.json`.
 *
 * They come by their ports, each after those that it needs, and what stands before all of them last.
 *
 * @param root - the clone.
 * @throws PlatformError naming the file and the field that is invalid, or both services that want one port.
 */
export function discoverServices(root: string, around: Surroundings): readonly Part[] {
  const found = foldersOf(root).map((name) => readService(root, name));
  const services = found.toSorted((a, b) => rankOf(a) - rankOf(b));
  const parts = [...around.parts, ...services];
  for (const service of services) assertKnown(service, parts, around);
  assertNoCollision(parts, around.ports);
  return inOrderOfNeed(services, new Set(around.parts.map(({ name }) => name)));
}

/** A port of each replica of a part, and who would listen on it. */
export function portsOf(part: Part): readonly (readonly [port: number, owner: string])[] {
  return Object.entries(part.ports).flatMap(([listener, first]) =>
    Array.from({ length: part.maxReplicas }, (_, index) => {
      const port = first + index * (part.steps?.[listener] ?? 0);
      return [port, `${part.name} (${listener})`] as const;
    }),
  );
}

function foldersOf(root: string): readonly string[] {
  const services = join(root, 'services');
  return readdirSync(services).filter((name) => {
    if (existsSync(join(root, fileOf(name)))) return true;
    if (!existsSync(join(services, name, 'package.json'))) return false;
    throw invalid(fileOf(name), 'is missing: a service declares its ports and needs there');
  });
}

function readService(root: string, name: string): Part {
  const declared = readDeclaration(name, readFileSync(join(root, fileOf(name)), 'utf8'));
  const main = `services/${name}/src/app.ts`;
  if (!existsSync(join(root, main))) throw invalid(fileOf(name), `has no ${main} beside it`);
  // Whoever keeps data needs Postgres, and need not say so.
  const needs = declared.database === true ? ['postgres', ...declared.needs] : declared.needs;
  return { ...declared, main, needs };
}

function rankOf({ edge, ports }: Part): number {
  return edge === true ? Number.POSITIVE_INFINITY : Math.min(...insidePorts(ports));
}

function insidePorts(ports: Part['ports']): readonly number[] {
  return Object.values(ports).filter((port) => port <= INSIDE_PORTS.most);
}

function assertKnown(service: Part, parts: readonly Part[], { scopes }: Surroundings): void {
  const { name, needs, clientScopes = [], env = {} } = service;
  const file = fileOf(name);
  if (parts.filter((part) => part.name === name).length > 1) {
    throw invalid(file, `there is another part "${name}"; the folder must have another name`);
  }
  for (const need of needs) {
    if (parts.some((part) => part.name === need)) continue;
    throw invalid(file, `needs names "${need}", and there is no such service`);
  }
  for (const scope of clientScopes) {
    if (scopes.includes(scope)) continue;
    throw invalid(file, `clientScopes names "${scope}", and no contract declares that scope`);
  }
  for (const [variable, template] of Object.entries(env)) {
    const wrong = placeholdersIn(template).find(
      (each) => each?.part !== undefined && !listensOn(parts, each.part, each.listener),
    );
    if (wrong === undefined) continue;
    throw invalid(
      file,
      `env.${variable} names ${wrong.part}/${wrong.listener}, and nothing listens so`,
    );
  }
}

function listensOn(parts: readonly Part[], name: string, listener = ''): boolean {
  return parts.some((part) => part.name === name && part.ports[listener] !== undefined);
}

function assertNoCollision(parts: readonly Part[], ports: Surroundings['ports']): void {
  const owners = new Map(Object.entries(ports).map(([owner, port]) => [port, owner]));
  for (const [port, owner] of parts.flatMap(portsOf)) {
    const other = owners.get(port);
    if (other !== undefined) {
      throw new PlatformError(
        `${owner} and ${other} both declare port ${port}.`,
        `Give one of them another port in its service.json: ${freeBlock([...owners.keys()])} and the nine after it are free.`,
      );
    }
    owners.set(port, owner);
  }
}

/**
 * The first of ten inside ports in a row that nobody has.
 *
 * @throws PlatformError when there are none left.
 */
export function freeBlock(taken: readonly number[]): number {
  for (let port = INSIDE_PORTS.least; port + 9 <= INSIDE_PORTS.most; port += 10) {
    if (!taken.some((each) => each >= port && each < port + 10)) return port;
  }
  throw new PlatformError(
    `All ports from ${INSIDE_PORTS.least} to ${INSIDE_PORTS.most} are taken.`,
    'Give back those of a service that is no longer needed.',
  );
}

function inOrderOfNeed(services: readonly Part[], before: ReadonlySet<string>): readonly Part[] {
  const listed = new Set(before);
  const order: Part[] = [];
  let rest = services;
  while (rest.length > 0) {
    const next = rest.find(({ needs }) => needs.every((need) => listed.has(need)));
    if (next === undefined) {
      const names = rest.map(({ name }) => name).join(', ');
      throw invalid(fileOf(rest[0]?.name ?? ''), `needs leads in a circle: ${names}`);
    }
    listed.add(next.name);
    order.push(next);
    rest = rest.filter((each) => each !== next);
  }
  return order;
}
