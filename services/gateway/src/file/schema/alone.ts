/** What a gateway that runs alone is told: where it listens, whose tokens it takes, what it signs. */
import type { Schema } from './schema.ts';
import { DURATION, LIMIT, PATH_OF_FILE, SCOPES, WORDS } from './words.ts';

const PORT = { type: 'integer', minimum: 0, maximum: 65_535 } as const satisfies Schema;

/** Where it listens. */
export const LISTEN = {
  type: 'object',
  description: 'Where the gateway listens, and whom it lets in. Read at the start only.',
  additionalProperties: false,
  default: {},
  properties: {
    address: {
      type: 'string',
      default: '127.0.0.1',
      description: 'An address of this machine; 0.0.0.0 or :: for all of them.',
    },
    port: { ...PORT, default: 8080, description: '0: any free one.' },
    admin_port: {
      ...PORT,
      default: 7400,
      description: 'Health, metrics, routes and explain. On the loopback only. 0: any free one.',
    },
    tls: {
      type: 'object',
      description: 'Talk TLS (and HTTP/2) to clients. Default: plain.',
      additionalProperties: false,
      required: ['cert', 'key'],
      properties: {
        cert: {
          ...PATH_OF_FILE,
          description: 'The certificate chain (PEM); read again when it changes.',
        },
        key: { ...PATH_OF_FILE, description: 'Its key (PEM).' },
      },
    },
    trusted_proxies: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      default: [],
      description:
        'Addresses or CIDR blocks of proxies before this one, whose X-Forwarded-For is believed.',
      examples: [['10.0.0.0/8']],
    },
    cors_origins: {
      type: 'array',
      items: { type: 'string' },
      uniqueItems: true,
      default: [],
      description: 'Origins whose pages may read answers.',
      examples: [['https://app.example']],
    },
    limit: {
      ...LIMIT,
      default: { per_second: 500, burst: 1000 },
      description: 'Requests of one client address.',
    },
    max_connections: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description: 'Of all clients.',
    },
    max_connections_per_address: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description: 'Of one client address.',
    },
  },
} as const satisfies Schema;

/** One issuer of access tokens. */
export const ISSUER = {
  type: 'object',
  additionalProperties: false,
  required: ['issuer', 'audience'],
  properties: {
    issuer: {
      type: 'string',
      description:
        'The iss of its tokens, character by character. Its keys are found by discovery unless jwks_uri or key_file says where they are.',
      examples: ['https://login.example/realms/shop'],
    },
    audience: {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,512}$',
      patternErrorMessage: 'must be a text without spaces',
      description: 'What the aud of a token must be or hold: this API, and no other.',
      examples: ['https://api.shop.example'],
    },
    jwks_uri: {
      type: 'string',
      description: 'Where its key set is: https, or http on this machine.',
    },
    key_file: {
      ...PATH_OF_FILE,
      description: 'A key set (JWKS) in a file; read again when it changes.',
    },
    token_types: {
      type: 'array',
      items: { type: 'string', enum: ['JWT', 'at+jwt', 'application/at+jwt', 'none'] },
      minItems: 1,
      uniqueItems: true,
      default: ['JWT', 'at+jwt'],
      description: 'The typ in the header of its tokens; none: without one.',
    },
    require: {
      type: 'object',
      additionalProperties: { type: 'string', maxLength: 512 },
      default: {},
      description: 'Claims that must have this very text.',
      examples: [{ azp: 'shop-web' }],
    },
    scope_claim: {
      ...WORDS,
      default: ['scope', 'scp'],
      description:
        'Where its scopes are, the first that is there: a text with spaces, or a list. A name with dots reaches inside: a.b.',
    },
    scopes: {
      ...SCOPES,
      description:
        'The scopes that it can give. Where every issuer says them, a rule that asks for another one is a mistake.',
    },
    roles_claim: {
      ...WORDS,
      default: [],
      description:
        'Where its roles are, all of these together. realm_access.roles for Keycloak; roles for Entra. Default: nobody has any.',
    },
    subject_prefix: {
      type: 'string',
      // Neither a workload nor nobody, which a passport means something else by.
      pattern: '^(?!spiffe:|anonymous:)[A-Za-z0-9._~-]{1,64}[:|/]$',
      patternErrorMessage: 'must be a short word and one of ":", "|" or "/", such as staff:',
      description:
        'Put before sub, so that people of two issuers are never taken for each other. Needed where there is more than one.',
    },
    auth_levels: {
      type: 'object',
      additionalProperties: { type: 'integer', minimum: 0, maximum: 255 },
      default: {},
      description: 'Value of acr to level, for auth_level in rules.',
      examples: [{ 'urn:example:mfa': 2 }],
    },
    max_age: {
      ...DURATION,
      description:
        'A token is good for so long from its iat, whatever its exp says. Without news of revocations this is how long a withdrawn one lives.',
    },
  },
} as const satisfies Schema;

export const ISSUERS = {
  type: 'array',
  items: ISSUER,
  minItems: 1,
  maxItems: 16,
  description: 'Whose access tokens are taken.',
} as const satisfies Schema;

/** What it signs. */
export const PASSPORTS = {
  type: 'object',
  description: 'What services verify, by the key set at /.well-known/txn-jwks.json.',
  additionalProperties: false,
  default: {},
  properties: {
    issuer: {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,256}$',
      patternErrorMessage: 'must be a text without spaces',
      default: 'gatehouse-gateway',
      description: 'The iss of passports.',
    },
    audience: {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,256}$',
      patternErrorMessage: 'must be a text without spaces',
      default: 'internal',
      description: 'The aud of passports: the services behind this gateway.',
    },
    key_folder: {
      ...PATH_OF_FILE,
      description:
        'Where its keys are kept, so that they outlive a restart and copies of the gateway share them. Default: in memory, new at each start.',
    },
    rotate_every: {
      ...DURATION,
      default: '24h',
      description:
        'How long a key signs. The next one is published a while before, the last one a while after.',
    },
  },
} as const satisfies Schema;
