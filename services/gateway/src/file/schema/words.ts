/** Kinds of value that come more than once. */
import type { Schema } from './schema.ts';

export const DURATION = {
  type: 'string',
  pattern: '^(0|[1-9][0-9]{0,8})(ms|s|m|h)$',
  patternErrorMessage: 'must be a duration with its unit, such as 250ms, 5s, 2m or 1h',
} as const satisfies Schema;

export const SIZE = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,8}(B|kB|MB|GB|KiB|MiB|GiB)$',
  patternErrorMessage: 'must be a size with its unit, such as 512kB, 10MB or 1GiB',
} as const satisfies Schema;

export const PATH_OF_FILE = {
  type: 'string',
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
  patternErrorMessage: 'must be the path of a file; relative ones begin at the folder of this file',
} as const satisfies Schema;

// RFC 6749, section 3.3.
const SCOPE = '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,256}$';
const WORD = '^[\\x21-\\x7e]{1,256}$';

/** One scope, or a list of them. */
export const SCOPES = {
  type: ['string', 'array'],
  pattern: SCOPE,
  patternErrorMessage: 'must be one scope without spaces; write several as a list: [a, b]',
  items: {
    type: 'string',
    pattern: SCOPE,
    patternErrorMessage: 'must be one scope, without spaces',
  },
  maxItems: 64,
  uniqueItems: true,
} as const satisfies Schema;

/** One word, or a list of them. */
export const WORDS = {
  type: ['string', 'array'],
  pattern: WORD,
  patternErrorMessage: 'must be one word without spaces; write several as a list: [a, b]',
  items: { type: 'string', pattern: WORD, patternErrorMessage: 'must be one word, without spaces' },
  maxItems: 64,
  uniqueItems: true,
} as const satisfies Schema;

/** What a rate is made of. */
export const LIMIT = {
  type: 'object',
  additionalProperties: false,
  required: ['per_second'],
  properties: {
    per_second: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'Requests a second.',
    },
    burst: {
      type: 'integer',
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: 'As many more in ten seconds.',
    },
  },
} as const satisfies Schema;
