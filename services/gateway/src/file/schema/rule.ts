import type { Schema } from './schema.ts';
import { SCOPES, WORDS } from './words.ts';

/** Who may call: the words of `gatehouse.access.v1.rule` in the contracts. */
export const RULE = {
  type: 'object',
  description: 'Who may call. A route without a rule does not exist.',
  additionalProperties: false,
  required: ['subject'],
  examples: [{ subject: 'SIGNED_IN', scopes: ['orders:read'] }],
  properties: {
    subject: {
      type: 'string',
      enum: ['ANYONE', 'SIGNED_IN'],
      description:
        'ANYONE: with or without a token; a token that is not good is refused all the same. SIGNED_IN: with a good token.',
    },
    scopes: { ...SCOPES, default: [], description: 'All of these are needed.' },
    roles: { ...WORDS, default: [], description: 'Any of these is enough.' },
    auth_level: {
      type: 'integer',
      minimum: 0,
      maximum: 255,
      default: 0,
      description: 'The least level of authentication; 0 asks for none.',
    },
    carries: {
      ...SCOPES,
      default: [],
      description: 'Scopes that the passport keeps for calls further in, if the token has them.',
    },
    fresh: {
      type: 'boolean',
      default: false,
      description:
        'Refused (503) while news of revocations is stale. Not for a gateway that runs alone, which has no such news.',
    },
    ignore_bearer: {
      type: 'boolean',
      default: false,
      description: 'The Authorization header is not looked at. For ANYONE only.',
    },
  },
} as const satisfies Schema;
