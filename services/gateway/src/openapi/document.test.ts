/** The document is judged by a validator that is not ours, and its schemas by what the contracts refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromJson, type JsonObject } from '@bufbuild/protobuf';
import { assertValid } from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createRouteTable } from '../route/route-table.ts';
import { createOpenApiDocument } from './document.ts';
import type { Content, Operation } from './schema-types.ts';

const { methods } = createRouteTable(METHODS);
const openApi = createOpenApiDocument(methods);

function operation(line: string): Operation {
  const [verb = '', path = ''] = line.split(' ');
  const found = openApi.paths[path]?.[verb.toLowerCase()];
  assert.ok(found, line);
  return found;
}

function bodyOf({ requestBody }: Operation): Content | undefined {
  return requestBody?.content['application/json'];
}

test('a validator of OpenAPI has nothing to say', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone({ ...openApi }));
  assert.deepEqual([valid, errors], [true, undefined]);
});

test('every call that the edge takes is there, and no other', () => {
  const operations = Object.entries(openApi.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  assert.deepEqual(
    operations.sort(),
    methods.map(({ http }) => `${http.verb} ${http.template}`).sort(),
  );
  assert.doesNotMatch(JSON.stringify(openApi), /RegisterPassportKey|WatchAccessChanges/);
});

test('a call says which scope it needs, and what its fields must be', () => {
  const create = operation('POST /board/v1/posts');
  assert.deepEqual(create.security, [{ accessToken: ['board:write'] }]);
  assert.match(create.description, /^Publishes a post in the caller's name\.\n\n.*`board:write`/);
  assert.deepEqual(bodyOf(create)?.schema, {
    type: 'object',
    properties: {
      title: { type: 'string', minLength: 1, maxLength: 200 },
      body: { type: 'string', minLength: 1, maxLength: 20000 },
    },
    required: ['title', 'body'],
    additionalProperties: false,
  });
  assert.deepEqual(Object.keys(create.responses).slice(0, 4), ['201', '400', '401', '403']);
  assert.deepEqual(operation('POST /auth/v1/login').security, []);
});

test('what is in the path is not in the body', () => {
  const update = operation('PATCH /board/v1/posts/{post_id}');
  assert.deepEqual(
    update.parameters?.map(({ name, in: place, required }) => [name, place, required]),
    [['post_id', 'path', true]],
  );
  assert.deepEqual(Object.keys(bodyOf(update)?.schema.properties ?? {}), ['title', 'body']);
});

test('a secret is marked as one, and only where it is sent to us', () => {
  const login = bodyOf(operation('POST /auth/v1/login'))?.schema.properties as JsonObject;
  assert.equal((login.password as JsonObject).format, 'password');
  const answer = openApi.components.schemas['auth.v1.TokenResponse'];
  assert.equal(JSON.stringify(answer).includes('"password"'), false);
});

test('the errors of a status are those that the edge declares', () => {
  const { Problem401, Problem413 } = openApi.components.responses;
  assert.match(Problem401?.description ?? '', /`gateway\.no_token`: This needs an access token\./);
  assert.match(Problem413?.description ?? '', /^Content too large\n/);
});

/** Services whose rules have a word in JSON Schema each, members of members aside. */
const SAID_IN_FULL = new Set(['auth', 'user', 'board']);

const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema({ $id: 'openapi', components: openApi.components });

/** Compiles a schema of the document, whose references are to the document. */
function accepts(schema: unknown): (value: unknown) => boolean {
  const text = JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components');
  const validate = ajv.compile(JSON.parse(text));
  return (value) => validate(value) === true;
}

for (const method of methods.filter(({ http }) => http.body === '*')) {
  const { verb, template } = method.http;
  const body = bodyOf(operation(`${verb} ${template}`));
  assert.ok(body);
  const schemaAccepts = accepts(body.schema);
  const inPath = Object.fromEntries(
    method.desc.input.fields
      .filter(({ name }) => template.includes(`{${name}}`))
      .map(({ jsonName }) => [jsonName, 'some_id']),
  );
  const contractAccepts = (value: JsonObject): boolean => {
    try {
      assertValid(method.desc.input, fromJson(method.desc.input, { ...value, ...inPath }));
      return true;
    } catch {
      return false;
    }
  };

  test(`${verb} ${template}: schema and contract take and refuse the same`, () => {
    const example = body.example as JsonObject | undefined;
    if (example !== undefined) {
      assert.deepEqual([schemaAccepts(example), contractAccepts(example)], [true, true]);
    }
    for (const variant of [{}, { ...example, surplus: 1 }, ...variantsOf(example ?? {})]) {
      const isTaken = contractAccepts(variant);
      // A contract may have rules that JSON Schema has no words for: then the schema takes more.
      if (isTaken || SAID_IN_FULL.has(method.service)) {
        assert.equal(schemaAccepts(variant), isTaken, JSON.stringify(variant));
      }
    }
  });
}

test('there is an example to begin with', () => {
  for (const line of ['POST /auth/v1/sign-up', 'POST /board/v1/posts', 'PATCH /user/v1/users/me']) {
    assert.notDeepEqual(bodyOf(operation(line))?.example ?? {}, {}, line);
  }
});

/** The example with one member missing, of another type, too long or too short. */
function variantsOf(example: JsonObject): readonly JsonObject[] {
  return Object.entries(example).flatMap(([name, value]) => {
    const { [name]: _dropped, ...rest } = example;
    const isText = typeof value === 'string' && name !== 'email';
    const texts = isText ? ['', 'x', '😀', 'x'.repeat(64), 'x'.repeat(25_000)] : [];
    // A number of 64 bits is a text in the document; the contract takes a small one as a number too.
    const isWhole64 = typeof value === 'string' && /^[0-9]+$/.test(value);
    const lists = Array.isArray(value) ? [[], [...value, ...value], ['\u{1F600}'.repeat(41)]] : [];
    return [
      rest,
      ...[{ a: 1 }, ...(isWhole64 ? [] : [7]), ...texts, ...lists].map((other) => ({
        ...rest,
        [name]: other,
      })),
    ];
  });
}
