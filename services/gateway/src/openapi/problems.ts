/** The errors of the edge as responses of the document: a status each, with the codes it can have. */
import {
  type ErrorDefinition,
  errorCatalogue,
  GatehouseError,
  KINDS,
  PROBLEM_CONTENT_TYPE,
} from '@gatehouse/errors';
import { statusOf } from '../errors.ts';
import type { RoutedMethod } from '../route/route.ts';
import type { ObjectSchema, Response, Schema } from './schema-types.ts';

/** The components of the edge's own errors. Those of a service's own rules come on top. */
const COMPONENTS = new Set(['gateway', 'access', 'common']);
/** The client has gone when this is sent. */
const NEVER_SEEN = 499;

/** The body of every error (RFC 9457). */
export const PROBLEM_SCHEMA: ObjectSchema = {
  type: 'object',
  description: 'An error: problem+json (RFC 9457). Programs compare `code`.',
  properties: {
    type: { type: 'string', format: 'uri', description: '`urn:gatehouse:error:` and the code.' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string', description: 'Stable, such as `gateway.no_token`.' },
    detail: { type: 'string', description: 'For people.' },
    traceId: { type: 'string', description: 'Finds the request in logs and traces.' },
    errors: {
      type: 'array',
      description: 'The members at fault.',
      items: {
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the request (RFC 6901).' },
          detail: { type: 'string' },
        },
        required: ['pointer', 'detail'],
        additionalProperties: false,
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'detail'],
  additionalProperties: false,
};

/** Responses by their name in the document: `Problem401`, and `Problem` for what a service rejects. */
export function problemResponses(): Readonly<Record<string, Response>> {
  const byStatus = Map.groupBy(edgeErrors(), ({ status }) => status);
  const statuses = [...byStatus.keys()].sort((a, b) => a - b);
  return {
    ...Object.fromEntries(
      statuses.map((status) => [
        `Problem${status}`,
        responseOf(status, byStatus.get(status) ?? []),
      ]),
    ),
    Problem: problem('Any other error, such as a rule of the service’s own.', {}),
  };
}

/** The statuses of a method beside its success, as its contract has them. */
export function problemsOf({ rule, http }: RoutedMethod): readonly number[] {
  const hasToken = !rule.ignoreBearer;
  const asks = rule.subject === 'SIGNED_IN';
  return [
    400,
    ...(hasToken ? [401] : []),
    ...(asks ? [403] : []),
    ...(http.template.includes('{') ? [404] : []),
    ...(http.body === '*' ? [408, 413, 415] : []),
    429,
    500,
    503,
    504,
  ];
}

interface EdgeError extends ErrorDefinition {
  readonly status: number;
}

function edgeErrors(): readonly EdgeError[] {
  return [...errorCatalogue().values()]
    .filter(({ code }) => COMPONENTS.has(code.split('.')[0] ?? ''))
    .map((definition) => ({ ...definition, status: statusOf(new GatehouseError(definition))[0] }))
    .filter(({ status }) => status !== NEVER_SEEN);
}

function responseOf(status: number, errors: readonly EdgeError[]): Response {
  const lines = errors.map(({ code, message }) => `- \`${code}\`: ${message}`);
  const [first] = errors;
  const title = first === undefined ? '' : titleOf(first);
  return problem(`${title}\n\n${lines.join('\n')}`, HEADERS[status] ?? {});
}

function titleOf(definition: EdgeError): string {
  return statusOf(new GatehouseError(definition))[1] ?? KINDS[definition.kind].title;
}

function problem(description: string, headers: Readonly<Record<string, Schema>>): Response {
  return {
    description,
    headers: { ...headers, ...REQUEST_ID },
    content: {
      [PROBLEM_CONTENT_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } },
    },
  };
}

/** On every response. */
export const REQUEST_ID: Readonly<Record<string, Schema>> = {
  'x-request-id': {
    description: 'The trace id of the request.',
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  },
};

const RETRY_AFTER: Readonly<Record<string, Schema>> = {
  'retry-after': {
    description: 'Seconds after which a retry may succeed.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
};

const HEADERS: Readonly<Record<number, Readonly<Record<string, Schema>>>> = {
  401: {
    'www-authenticate': {
      description: 'The challenge (RFC 6750, section 3).',
      schema: { type: 'string' },
    },
  },
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};
