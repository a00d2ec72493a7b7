/**
 * A service is known by its own folder, its contract and tests, and by whoever says in its service.json
 * that it needs it: so that a service more is a folder more, and nothing else. `auth` is the identity plane
 * and `gateway` its edge: these may be named.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './command.ts';
import { type Allowed, isAllowed, isTest, type Rule } from './rule.ts';

const PLANE: ReadonlySet<string> = new Set(['auth', 'gateway']);

/** Why a file outside a service's own folder may name it. */
export const NAMES_ALLOWED: readonly Allowed[] = [
  {
    path: 'apps/cli/src/tour/',
    reason: 'demo: the tour follows a post through the services that come with the platform',
  },
  {
    path: 'apps/cli/src/commands/',
    reason: 'commands and examples of what an operator types: the daily batch, explain',
  },
  { path: 'apps/cli/src/operator/', reason: 'what those commands call' },
  { path: 'apps/cli/src/main.ts', reason: "commander's word for arguments that a user gave" },
  { path: 'apps/cli/src/welcome.ts', reason: 'demo: the first requests after a start' },
  { path: 'platform/clients/operator.ts', reason: 'what the commands of operators call' },
  {
    path: 'platform/supervisor/system.ts',
    reason: 'demo data: the people of the demo have assets in core',
  },
  {
    path: 'services/auth/src/accounts/',
    reason: 'the person who signs up gets a profile, which is asked of the user service',
  },
  {
    path: 'services/gateway/src/pages/home.ts',
    reason: 'demo: the page shows the first requests to type',
  },
  {
    path: 'services/gateway/src/explain/',
    reason: 'demo: the example in an error that says what may be asked',
  },
  { path: 'services/gateway/src/file/tree.ts', reason: "'core' is a schema of YAML" },
];

/** A service that nobody may name who does not say that it needs it. */
export interface Named {
  readonly name: string;
  /** Folders of the services whose service.json names it. */
  readonly neededBy: readonly string[];
}

/** The services of the project, but for those of the identity plane. */
export function servicesOf(root: string = ROOT): readonly Named[] {
  const folder = join(root, 'services');
  const all = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, manifest: manifestOf(join(folder, name)) }));
  return all
    .filter(({ name }) => !PLANE.has(name))
    .map(({ name }) => {
      const needing = all.filter(({ manifest }) => new RegExp(`\\b${name}\\b`).test(manifest));
      return { name, neededBy: needing.map((other) => `services/${other.name}/`) };
    });
}

function manifestOf(folder: string): string {
  const path = join(folder, 'service.json');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Makes the rule for some services. */
export function serviceNamedAtHome(services: readonly Named[]): Rule {
  const anyOf = `(${services.map(({ name }) => name).join('|')})`;
  // Alone, as a workload or an upstream; in a path; in the package of a contract.
  const named = new RegExp(`^${anyOf}$|/${anyOf}/v[0-9]|gatehouse[./]${anyOf}[./]|/msa/${anyOf}/`);
  return ({ file }, node) => {
    if (isTest(file) || isAllowed(file, NAMES_ALLOWED) || !isText(node)) return undefined;
    const found = named.exec(node.text)?.slice(1);
    const service = services.find(({ name }) => found?.includes(name));
    if (service === undefined) return undefined;
    const homes = [`services/${service.name}/`, ...service.neededBy];
    if (homes.some((home) => file.startsWith(home))) return undefined;
    return `the service ${service.name} is named in its own folder, its contract and tests only`;
  };
}

function isText(node: ts.Node): node is ts.LiteralLikeNode {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}
