/** One method of a contract as an operation of the document. */
import { COMMENTS } from '@gatehouse/contracts/gen/comments.ts';
import { takesText } from '../forward/grpc/text-value.ts';
import type { RoutedMethod } from '../route/route.ts';
import { exampleBody } from './example.ts';
import { commentOf, type MessageSchemas } from './message-schema.ts';
import { problemsOf, REQUEST_ID } from './problems.ts';
import type { Operation, Parameter, Response } from './schema-types.ts';

/** Name of the security scheme of access tokens. */
export const ACCESS_TOKEN = 'accessToken';

/** Makes the operation of a method; what its messages refer to is kept in `schemas`. */
export function operationOf(method: RoutedMethod, schemas: MessageSchemas): Operation {
  const { desc, service, http } = method;
  const parameters = parametersOf(method, schemas);
  const comment = COMMENTS[`${desc.parent.typeName}.${desc.name}`] ?? '';
  return {
    operationId: `${service}.${desc.name}`,
    tags: [service],
    summary: firstSentence(comment) || desc.name,
    description: [comment, accessSentence(method)].filter((text) => text !== '').join('\n\n'),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(http.body === '' ? {} : { requestBody: bodyOf(method, schemas) }),
    responses: {
      [method.successStatus]: success(method, schemas),
      ...Object.fromEntries(
        problemsOf(method).map((status) => [status, referTo(`Problem${status}`)]),
      ),
      default: referTo('Problem'),
    },
    security: securityOf(method),
    'x-gatehouse-access': accessOf(method),
  };
}

/** What a caller needs, in one sentence. */
export function accessSentence({ rule }: RoutedMethod): string {
  if (rule.subject === 'ANYONE') {
    return rule.ignoreBearer ? 'Anyone may call. A token is ignored.' : 'Anyone may call.';
  }
  const needs = [
    ...(rule.scopes.length === 0 ? [] : [`the scope ${listed(rule.scopes, 'and')}`]),
    ...(rule.roles.length === 0 ? [] : [`the role ${listed(rule.roles, 'or')}`]),
    ...(rule.authLevel === 0 ? [] : [`authentication level ${rule.authLevel}`]),
  ];
  const wants = needs.length === 0 ? '' : ` with ${needs.join(' and ')}`;
  const fresh = rule.fresh ? ' Rejected with 503 while the revocation feed is stale.' : '';
  return `Needs the access token of a signed-in person${wants}.${fresh}`;
}

function parametersOf(method: RoutedMethod, schemas: MessageSchemas): readonly Parameter[] {
  const { desc, http } = method;
  const required = schemas.object(desc.input, 'request').required ?? [];
  return desc.input.fields.flatMap((field): readonly Parameter[] => {
    const inPath = variablesOf(http.template).has(field.name);
    if (!inPath && (http.body === '*' || !takesText(field))) return [];
    const { description, ...schema } = schemas.field(field, 'request');
    return [
      {
        name: inPath ? field.name : field.jsonName,
        in: inPath ? 'path' : 'query',
        required: inPath || required.includes(field.jsonName),
        ...(description === undefined ? {} : { description: commentOf(field) ?? '' }),
        schema,
      },
    ];
  });
}

function bodyOf(method: RoutedMethod, schemas: MessageSchemas): Operation['requestBody'] & object {
  const { desc, http } = method;
  const schema = schemas.object(desc.input, 'request', variablesOf(http.template));
  const example = exampleBody(method, schema, schemas);
  const content = { schema: { ...schema }, ...(example === undefined ? {} : { example }) };
  return {
    required: (schema.required ?? []).length > 0,
    content: { 'application/json': content },
  };
}

function success({ desc, successStatus }: RoutedMethod, schemas: MessageSchemas): Response {
  if (successStatus === 204) return { description: 'Done.', headers: REQUEST_ID };
  const schema = schemas.reference(desc.output, 'response');
  return {
    description: COMMENTS[desc.output.typeName] ?? `${desc.output.name}.`,
    headers: REQUEST_ID,
    content: { 'application/json': { schema } },
  };
}

// In 3.1 any scheme may name what is needed of it (section 4.8.30), and a bearer token has scopes.
function securityOf({ rule }: RoutedMethod): Operation['security'] {
  if (rule.subject === 'SIGNED_IN') return [{ [ACCESS_TOKEN]: rule.scopes }];
  return rule.ignoreBearer ? [] : [{}, { [ACCESS_TOKEN]: [] }];
}

function accessOf({ id, service, rule }: RoutedMethod): Operation['x-gatehouse-access'] {
  const { subject, scopes, roles, authLevel, fresh } = rule;
  if (subject !== 'ANYONE' && subject !== 'SIGNED_IN') {
    throw new Error(`${id} is for ${subject} and cannot have an HTTP binding`);
  }
  return { method: id, service, subject, scopes, roles, authLevel, fresh };
}

function variablesOf(template: string): ReadonlySet<string> {
  return new Set([...template.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name));
}

function referTo(name: string): { readonly $ref: string } {
  return { $ref: `#/components/responses/${name}` };
}

function listed(names: readonly string[], word: string): string {
  return names.map((name) => `\`${name}\``).join(` ${word} `);
}

function firstSentence(text: string): string {
  return text.replace(/[.:;] .*$|\.$/s, '');
}
