/** The files that every new service has: what it declares, what it depends on, and its table. */
import type { ServiceKind, ServiceName } from './name.ts';

/** A file to be written: its path from the root of the clone, and what is in it. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** The scope that the first method, or the first path, asks for. */
export function scopeOf({ name }: ServiceName): string {
  return `${name}:write`;
}

/** @param port - the first of ten that the service may have. */
export function declaration(service: ServiceName, kind: ServiceKind, port: number): NewFile {
  const declared = {
    what: `new: say here what ${service.name} is for`,
    ports: { [kind]: port, admin: port + 1 },
    steps: { [kind]: 2, admin: 2 },
    maxReplicas: 5,
    needs: ['auth'],
    database: true,
  };
  return { path: `services/${service.name}/service.json`, text: json(declared) };
}

/** Its package.json. @param packages - of this clone, that its code imports. */
export function manifest({ name }: ServiceName, packages: readonly string[]): NewFile {
  const declared = {
    name: `@gatehouse/${name}`,
    version: '0.1.0',
    private: true,
    license: 'Apache-2.0',
    type: 'module',
    dependencies: ours(packages),
    devDependencies: ours(['testing']),
  };
  return { path: `services/${name}/package.json`, text: json(declared) };
}

/** A table to begin with. */
export function migration({ name }: ServiceName): NewFile {
  const text = `create table item (
  item_id text collate "C" primary key,
  owner_id text not null,
  text text not null,
  created_at timestamptz not null
);
`;
  return { path: `services/${name}/migrations/0001_${name}.sql`, text };
}

function ours(packages: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(packages.map((each) => [`@gatehouse/${each}`, '0.1.0']));
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
