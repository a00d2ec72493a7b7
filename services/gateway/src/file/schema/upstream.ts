import type { Schema } from './schema.ts';
import { DURATION, PATH_OF_FILE } from './words.ts';

const TLS = {
  type: 'object',
  description: 'Talk TLS to it: {} for the authorities of the system. Default: plain.',
  additionalProperties: false,
  properties: {
    ca: { ...PATH_OF_FILE, description: 'Authorities (PEM) that its certificate is checked with.' },
    server_name: {
      type: 'string',
      pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$',
      patternErrorMessage: 'must be a host name',
      description: 'The name in its certificate. Default: the host of the address.',
    },
    cert: { ...PATH_OF_FILE, description: 'Our own certificate chain (PEM), for mutual TLS.' },
    key: { ...PATH_OF_FILE, description: 'The key of cert (PEM).' },
  },
} as const satisfies Schema;

const HEALTH = {
  type: 'object',
  description: 'A request to each address, to see whether it is well. Default: none.',
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: { type: 'string', description: 'Well: 200 to 399.', examples: ['/healthz'] },
    interval: { ...DURATION, default: '5s', description: 'Between two of them.' },
    timeout: { ...DURATION, default: '2s', description: 'After which one counts as failed.' },
    unhealthy_after: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 3,
      description: 'Failures in a row.',
    },
    healthy_after: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 2,
      description: 'Successes in a row.',
    },
  },
} as const satisfies Schema;

const EJECTION = {
  type: 'object',
  description: 'When an address is left out for a while because requests to it failed.',
  additionalProperties: false,
  default: {},
  properties: {
    failures: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 5,
      description: 'In a row: no connection, no answer in time, or 502, 503, 504.',
    },
    for: {
      ...DURATION,
      default: '1s',
      description: 'The first time; each next one is twice as long.',
    },
    at_most: { ...DURATION, default: '30s', description: 'The longest.' },
  },
} as const satisfies Schema;

const RETRY_BUDGET = {
  type: 'object',
  description: 'How much of the traffic may be retries.',
  additionalProperties: false,
  default: {},
  properties: {
    ratio: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 0.2,
      description: 'Retries to requests.',
    },
    min_per_second: {
      type: 'integer',
      minimum: 0,
      maximum: 10_000,
      default: 3,
      description: 'So many are always allowed.',
    },
  },
} as const satisfies Schema;

/** One upstream: the copies of one service. */
export const UPSTREAM = {
  type: 'object',
  additionalProperties: false,
  required: ['addresses'],
  properties: {
    addresses: {
      type: 'array',
      minItems: 1,
      maxItems: 256,
      uniqueItems: true,
      items: { type: 'string' },
      description: 'host:port of each copy. The one with the fewest requests in flight is asked.',
      examples: [['127.0.0.1:3000', '127.0.0.1:3001']],
    },
    tls: TLS,
    health: HEALTH,
    ejection: EJECTION,
    slow_start: {
      ...DURATION,
      default: '10s',
      description: 'In which an address that returned comes up to its full share.',
    },
    max_connections: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 256,
      description: 'To each address.',
    },
    keep_alive: {
      ...DURATION,
      default: '4s',
      description:
        'How long an idle connection is kept. Less than the upstream keeps it (Node: 5s, Go: none, gunicorn: 2s).',
    },
    retry_budget: RETRY_BUDGET,
    forwarding: {
      type: 'string',
      enum: ['forwarded', 'x-forwarded'],
      default: 'x-forwarded',
      description:
        'How the upstream is told of the client: Forwarded (RFC 7239), or X-Forwarded-For, -Proto and -Host. Always made anew.',
    },
  },
} as const satisfies Schema;
