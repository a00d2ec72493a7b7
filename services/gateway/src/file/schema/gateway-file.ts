import { ISSUERS, LISTEN, PASSPORTS } from './alone.ts';
import { ROUTE } from './route.ts';
import type { Filled, Schema } from './schema.ts';
import { UPSTREAM } from './upstream.ts';

const UPSTREAMS = {
  type: 'object',
  additionalProperties: UPSTREAM,
  propertyNames: {
    pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
    patternErrorMessage: 'an upstream is called by 1 to 64 of a-z, 0-9, ".", "_" and "-"',
  },
  minProperties: 1,
  description: 'The services behind the gateway, by name.',
} as const satisfies Schema;

const ROUTES = {
  type: 'array',
  items: ROUTE,
  minItems: 1,
  maxItems: 10_000,
  description: 'What can be reached. Everything else is 404. Their order does not matter.',
} as const satisfies Schema;

const TITLE = 'Gatehouse gateway';

/** The file of a gateway that runs alone. The published schema. */
export const FILE_ALONE = {
  title: TITLE,
  description: 'gatehouse gateway --config gateway.yaml',
  type: 'object',
  additionalProperties: false,
  required: ['issuers', 'upstreams', 'routes'],
  properties: {
    listen: LISTEN,
    issuers: ISSUERS,
    passports: PASSPORTS,
    upstreams: UPSTREAMS,
    routes: ROUTES,
  },
} as const satisfies Schema;

/** The file of a platform's gateway, which is told the rest by the platform. */
export const FILE_OF_PLATFORM = {
  title: TITLE,
  type: 'object',
  additionalProperties: false,
  required: ['upstreams', 'routes'],
  properties: { upstreams: UPSTREAMS, routes: ROUTES },
} as const satisfies Schema;

export type FileAlone = Filled<typeof FILE_ALONE>;
export type FileOfPlatform = Filled<typeof FILE_OF_PLATFORM>;
export type RouteInFile = FileOfPlatform['routes'][number];
export type UpstreamInFile = FileOfPlatform['upstreams'][string];
export type IssuerInFile = FileAlone['issuers'][number];

/** As it is committed, printed and given to editors: `gateway.schema.json`. */
export function publishedSchema(): string {
  const $schema = 'https://json-schema.org/draft/2020-12/schema';
  return `${JSON.stringify({ $schema, ...FILE_ALONE }, undefined, 2)}\n`;
}
