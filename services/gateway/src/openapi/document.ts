/** The OpenAPI 3.1 document of the edge, made from the contracts that it routes by. */
import { COMMENTS } from '@gatehouse/contracts/gen/comments.ts';
import type { RoutedMethod } from '../route/route.ts';
import { MessageSchemas } from './message-schema.ts';
import { ACCESS_TOKEN, operationOf } from './operation.ts';
import { PROBLEM_SCHEMA, problemResponses } from './problems.ts';
import type { OpenApiDocument, Operation } from './schema-types.ts';

const DESCRIPTION = [
  'What can be called at this gateway. Made from the contracts that it routes by, so it says what is',
  'enforced: field rules, errors, and which call needs which scope.',
  '',
  'Bodies are JSON; members that a call does not know are rejected. 64-bit whole numbers are text.',
  'An error is problem+json with a stable `code`.',
].join('\n');

/**
 * Makes the document.
 *
 * Not said: the errors of a service's own rules, which come as `default`; rules that JSON Schema has
 * no words for are in a description or not at all. What the contract enforces holds all the same.
 */
export function createOpenApiDocument(methods: readonly RoutedMethod[]): OpenApiDocument {
  const schemas = new MessageSchemas();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const method of methods) {
    const { template, verb } = method.http;
    const operations = paths[template] ?? {};
    operations[verb.toLowerCase()] = operationOf(method, schemas);
    paths[template] = operations;
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Gatehouse', version: '1', description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: tagsOf(methods),
    paths,
    components: {
      schemas: { ...Object.fromEntries(schemas.named), Problem: PROBLEM_SCHEMA },
      responses: problemResponses(),
      securitySchemes: {
        [ACCESS_TOKEN]: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT (RFC 9068)',
          description: 'The `accessToken` of a log-in. It is valid for fifteen minutes.',
        },
      },
    },
  };
}

function tagsOf(methods: readonly RoutedMethod[]): OpenApiDocument['tags'] {
  const services = new Map(
    methods.map(({ service, desc }) => [service, desc.parent.file.proto.package]),
  );
  return [...services].map(([name, packageName]) => ({
    name,
    description: COMMENTS[packageName] ?? `The ${name} service.`,
  }));
}
