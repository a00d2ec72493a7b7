/** Reads what a service says of itself in its `service.json`, and names what is wrong with it. */
import { PlatformError } from '../errors.ts';
import { PLACEHOLDERS, placeholdersIn } from './env.ts';
import type { Part } from './part.ts';

/** Ports that no program outside calls: those of gRPC and admin listeners. */
export const INSIDE_PORTS = { least: 7_400, most: 7_599 } as const;
/** Ports that programs outside call; a plain HTTP listener may also have an inside one. */
const OUTSIDE_PORTS = { least: 8_080, most: 8_199 } as const;
const MAX_REPLICAS = 100;

const NAME = /^[a-z][a-z0-9]*$/;
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/** Every member of `service.json`, and what it must be. */
const MEMBERS: Readonly<Record<string, (value: unknown, field: string) => Fault | undefined>> = {
  what: (value, field) => expect(isText(value), field, 'must be a line of text'),
  ports: (value, field) => faultOfRecord(value, field, faultOfPort),
  steps: (value, field) => faultOfRecord(value, field, faultOfStep),
  maxReplicas: (value, field) =>
    expect(isWithin(value, 1, MAX_REPLICAS), field, `must be from 1 to ${MAX_REPLICAS}`),
  needs: (value, field) => faultOfList(value, field, 'must be the name of a service'),
  clientScopes: (value, field) => faultOfList(value, field, 'must be a scope'),
  env: (value, field) => faultOfRecord(value, field, faultOfSetting),
  database: (value, field) => expect(typeof value === 'boolean', field, 'must be true or false'),
  edge: (value, field) => expect(typeof value === 'boolean', field, 'must be true or false'),
};
const REQUIRED = ['what', 'ports', 'maxReplicas', 'needs'] as const;

interface Fault {
  /** `ports.grpc` */
  readonly field: string;
  /** `must be …` */
  readonly detail: string;
}

/**
 * Reads a declaration.
 *
 * @param text - of `services/<name>/service.json`.
 * @throws PlatformError naming the file, the field and what it must be.
 */
export function readDeclaration(name: string, text: string): Omit<Part, 'main'> {
  const file = fileOf(name);
  if (!NAME.test(name)) throw invalid(file, 'the folder must be named in a-z and 0-9');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, `is not JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
  if (!isRecord(value)) throw invalid(file, 'must be a JSON object');
  const fault = faultOf(value);
  if (fault !== undefined) throw invalid(file, `${fault.field} ${fault.detail}`);
  const part = { ...(value as unknown as Omit<Part, 'main' | 'name'>), name };
  if (part.ports.admin === undefined) throw invalid(file, 'ports.admin is missing');
  return part;
}

/** An error about one declaration. @param what - begins with the field. */
export function invalid(file: string, what: string): PlatformError {
  return new PlatformError(
    `${file}: ${what}.`,
    'docs/guides/add-a-service.md says what a service declares, and how.',
  );
}

/** Where a service declares itself, from the root of the clone. */
export function fileOf(name: string): string {
  return `services/${name}/service.json`;
}

function faultOf(value: Readonly<Record<string, unknown>>): Fault | undefined {
  const missing = REQUIRED.find((field) => value[field] === undefined);
  if (missing !== undefined) return { field: missing, detail: 'is missing' };
  for (const [field, member] of Object.entries(value)) {
    const check = Object.hasOwn(MEMBERS, field) ? MEMBERS[field] : undefined;
    if (check === undefined) {
      return { field, detail: `is not known; there are ${Object.keys(MEMBERS).join(', ')}` };
    }
    const fault = check(member, field);
    if (fault !== undefined) return fault;
  }
  return faultOfSteps(value);
}

/** A service of several replicas says how far apart the ports of each listener are. */
function faultOfSteps({ ports, steps, maxReplicas }: Readonly<Record<string, unknown>>) {
  const given = isRecord(steps) ? Object.keys(steps) : [];
  const listeners = Object.keys(ports as object);
  const extra = given.find((listener) => !listeners.includes(listener));
  if (extra !== undefined) return { field: `steps.${extra}`, detail: 'has no port in ports' };
  const missing = listeners.find((listener) => !given.includes(listener));
  if (maxReplicas === 1 || missing === undefined) return undefined;
  return { field: `steps.${missing}`, detail: 'is missing: the next replica needs a port' };
}

function faultOfPort(value: unknown, field: string): Fault | undefined {
  const { least, most } = INSIDE_PORTS;
  if (isWithin(value, least, most)) return undefined;
  if (!field.endsWith('.http')) return { field, detail: `must be a port from ${least} to ${most}` };
  return expect(
    isWithin(value, OUTSIDE_PORTS.least, OUTSIDE_PORTS.most),
    field,
    `must be a port from ${least} to ${most}, or from ${OUTSIDE_PORTS.least} to ${OUTSIDE_PORTS.most}`,
  );
}

function faultOfStep(value: unknown, field: string): Fault | undefined {
  return expect(isWithin(value, 1, MAX_REPLICAS), field, `must be from 1 to ${MAX_REPLICAS}`);
}

function faultOfSetting(value: unknown, field: string): Fault | undefined {
  if (!VARIABLE.test(field.slice('env.'.length))) {
    return { field, detail: 'must be named like GATEHOUSE_TOKEN_URL' };
  }
  if (typeof value !== 'string') return { field, detail: 'must be text' };
  const isKnown = !placeholdersIn(value).includes(undefined);
  return expect(isKnown, field, `may hold ${PLACEHOLDERS}, and no other {…}`);
}

function faultOfRecord(
  value: unknown,
  field: string,
  check: (value: unknown, field: string) => Fault | undefined,
): Fault | undefined {
  if (!isRecord(value)) return { field, detail: 'must be an object' };
  return Object.entries(value)
    .map(([key, member]) => check(member, `${field}.${key}`))
    .find((fault) => fault !== undefined);
}

function faultOfList(value: unknown, field: string, detail: string): Fault | undefined {
  if (!Array.isArray(value)) return { field, detail: 'must be a list' };
  const index = value.findIndex((each) => !isText(each));
  return index === -1 ? undefined : { field: `${field}[${index}]`, detail };
}

function expect(holds: boolean, field: string, detail: string): Fault | undefined {
  return holds ? undefined : { field, detail };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && /^\S[^\n]*$/.test(value);
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
