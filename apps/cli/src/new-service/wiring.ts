/**
 * The places that know of a service by its name: the list of contracts, the parts of the platform, the
 * scopes that a member has, and the lock file. Text in, text out; nothing is written here.
 */
import { PlatformError } from '@gatehouse/platform';
import { httpManifest } from './http-templates.ts';
import type { ServiceKind, ServiceName } from './name.ts';
import { manifest, scopeOf } from './templates.ts';

/** A file that is to be changed, and what it becomes. */
export interface Edit {
  readonly path: string;
  readonly change: (text: string) => string;
}

/** @param port - the first of ten that the service may have. */
export function editsFor(
  service: ServiceName,
  port: number,
  kind: ServiceKind = 'grpc',
): readonly Edit[] {
  const { name } = service;
  const parts = edit('platform/parts.ts', [
    [/^(?= {2}\{\n {4}name: 'gateway',)/m, partOf(name, kind, port)],
  ]);
  const lock = {
    path: 'package-lock.json',
    change: (text: string) =>
      lockWith(service, kind === 'http' ? httpManifest(service) : manifest(service), text),
  };
  return kind === 'http' ? [parts, lock] : [...contractEdits(service), parts, lock];
}

function contractEdits(service: ServiceName): readonly Edit[] {
  const { name, pascal } = service;
  const contract = `import { ${pascal}Service } from './gen/gatehouse/${name}/v1/${name}_pb.ts';\n`;
  return [
    edit('packages/contracts/src/methods.ts', [
      [/^(?=import .*gen\/gatehouse\/user\/)/m, contract],
      [/(?<=^export const SERVICES: [^=]*= \[[^\]]*?)(?=,?\s*\];)/m, `, ${pascal}Service`],
    ]),
    edit('services/auth/src/domain/roles.ts', [
      [/(?<=^const MEMBER = \[[^\]]*?)(?=\] as const;)/m, `  '${scopeOf(service)}',\n`],
    ]),
  ];
}

/**
 * Ten ports for a part, in the range that parts.ts sets aside; above it once that is full.
 *
 * @param taken - every port that a part has.
 */
export function freeBlock(taken: readonly number[]): number {
  for (let port = 7410; ; port += 10) {
    if (!taken.some((each) => each >= port && each < port + 10)) return port;
  }
}

function edit(path: string, insertions: readonly (readonly [RegExp, string])[]): Edit {
  return {
    path,
    change: (text) =>
      insertions.reduce((before, [place, addition]) => {
        const { index } = place.exec(before) ?? {};
        if (index === undefined) throw unknownShape(path, addition);
        return before.slice(0, index) + addition + before.slice(index);
      }, text),
  };
}

function unknownShape(path: string, addition: string): PlatformError {
  return new PlatformError(
    `${path} does not look as it did, and nothing was changed.`,
    `This was to be added to it:\n\n${addition}`,
  );
}

function partOf(name: string, kind: ServiceKind, port: number): string {
  return `  {
    name: '${name}',
    what: 'new: say here what ${name} is for',
    main: 'services/${name}/src/app.ts',
    ports: { ${kind}: ${port}, admin: ${port + 1} },
    steps: { ${kind}: 2, admin: 2 },
    maxCopies: 5,
    needs: ['postgres', 'auth'],
    database: true,
  },
`;
}

// As `npm install` would write it, without asking a registry for anything.
function lockWith(
  service: ServiceName,
  {
    private: _private,
    type: _type,
    ...workspace
  }: ReturnType<typeof manifest | typeof httpManifest>,
  text: string,
): string {
  const lock: { packages: Record<string, unknown> } = JSON.parse(text);
  const folder = `services/${service.name}`;
  const packages = Object.entries({
    ...lock.packages,
    [folder]: workspace,
    [`node_modules/${workspace.name}`]: { resolved: folder, link: true },
  });
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'));
  return `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`;
}
