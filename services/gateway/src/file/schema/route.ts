import { RULE } from './rule.ts';
import type { Schema } from './schema.ts';
import { DURATION, LIMIT, SIZE } from './words.ts';

const HOST =
  '^(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$|^\\[[0-9a-f:.]+\\]$';

const HEADERS = {
  type: 'object',
  additionalProperties: false,
  default: {},
  properties: {
    set: {
      type: 'object',
      additionalProperties: { type: 'string', maxLength: 4096 },
      default: {},
      description: 'Name to value; takes the place of what is there.',
    },
    remove: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      default: [],
      description: 'Names.',
    },
  },
} as const satisfies Schema;

const REWRITE = {
  type: 'object',
  description: 'What is changed on the way through.',
  additionalProperties: false,
  default: {},
  properties: {
    prefix: {
      type: 'object',
      description: 'Whole segments at the front of the path.',
      additionalProperties: false,
      required: ['from', 'to'],
      examples: [{ from: '/api', to: '/' }],
      properties: {
        from: {
          type: 'string',
          description: 'Literal segments that the path of the route begins with.',
        },
        to: { type: 'string', description: 'What takes their place; / for nothing.' },
      },
    },
    host: {
      type: 'string',
      enum: ['keep', 'upstream'],
      default: 'keep',
      description:
        'The Host that the upstream sees: the one of the client, or the address that is called.',
    },
    request_headers: { ...HEADERS, description: 'Headers of the request.' },
    response_headers: { ...HEADERS, description: 'Headers of the answer.' },
  },
} as const satisfies Schema;

const TIMEOUTS = {
  type: 'object',
  description: 'How long each part may take.',
  additionalProperties: false,
  default: {},
  properties: {
    connect: { ...DURATION, default: '3s', description: 'To connect to the upstream.' },
    first_byte: {
      ...DURATION,
      default: '30s',
      description: 'From the end of the request to the head of the answer.',
    },
    idle: { ...DURATION, default: '60s', description: 'In which nothing moves.' },
    total: { ...DURATION, description: 'The whole exchange. Default: no bound.' },
  },
} as const satisfies Schema;

/** One route. */
export const ROUTE = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'path', 'methods', 'rule', 'upstream'],
  properties: {
    name: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
      patternErrorMessage: 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", such as read-order',
      description: 'Unique. In logs and metrics; in the passport as tctx.method: "http:<name>".',
      examples: ['read-order'],
    },
    hosts: {
      type: 'array',
      items: {
        type: 'string',
        pattern: HOST,
        patternErrorMessage:
          'must be a host name in lower case without a port, such as shop.example or *.shop.example',
      },
      uniqueItems: true,
      default: [],
      description:
        'Names, or *.name for every name below it. Empty: any host that no other route names. A host that is named has its own routes only.',
    },
    path: {
      type: 'string',
      description:
        'Segments: literal, {name} for one, and as the last {name=**} for none, one or many. Literal before {name} before {name=**}.',
      examples: ['/orders/{id}', '/files/{path=**}'],
    },
    methods: {
      type: 'array',
      items: { type: 'string', enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] },
      minItems: 1,
      uniqueItems: true,
      description: 'GET implies HEAD. OPTIONS is answered here unless it is listed.',
    },
    rule: RULE,
    upstream: { type: 'string', description: 'A name from upstreams.' },
    timeouts: TIMEOUTS,
    retries: {
      type: 'integer',
      minimum: 0,
      maximum: 5,
      default: 1,
      description:
        'More attempts after the first, of GET, HEAD and OPTIONS only, within the budget of the upstream.',
    },
    rewrite: REWRITE,
    limit: { ...LIMIT, description: 'Per client address, for this route alone.' },
    max_body: {
      ...SIZE,
      description: 'The largest body of a request. Default: no bound; it is streamed.',
    },
    websocket: {
      type: 'boolean',
      default: false,
      description: 'May become a WebSocket. Needs GET.',
    },
  },
} as const satisfies Schema;
