import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DescMessage, fromBinary, toJson } from '@bufbuild/protobuf';
import { METHODS } from '@gatehouse/contracts';
import {
  AccessChangeSchema,
  SetRolesRequestSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { UserSchema } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import type { FieldViolation, GatehouseError } from '@gatehouse/errors';
import type { RoutedMethod } from '../../route/route.ts';
import { type RequestParts, requestMessage } from './request-message.ts';

function method(name: string): RoutedMethod {
  const found = METHODS.find(({ desc }) => desc.name === name);
  assert.ok(found?.http);
  return { ...found, http: found.http };
}

/** A method whose request is another message. */
function taking(name: string, input: DescMessage): RoutedMethod {
  const original = method(name);
  return { ...original, desc: { ...original.desc, input } };
}

type Given = Omit<Partial<RequestParts>, 'body'> & { readonly body?: string };

function build(target: RoutedMethod, given: Given): unknown {
  const parts = {
    variables: {},
    query: [],
    contentType: 'application/json',
    ...given,
    body: Buffer.from(given.body ?? ''),
  };
  return toJson(target.desc.input, fromBinary(target.desc.input, requestMessage(target, parts)));
}

function faults(target: RoutedMethod, given: Given): readonly FieldViolation[] {
  try {
    build(target, given);
  } catch (error) {
    assert.equal((error as GatehouseError).code, 'common.invalid_input');
    return (error as GatehouseError).fields;
  }
  throw new Error('was taken');
}

const pointers = (target: RoutedMethod, given: Given) =>
  faults(target, given).map(({ pointer }) => pointer);

test('a body becomes the message', () => {
  const body = '{"title":"a","body":"b"}';
  assert.deepEqual(build(method('CreatePost'), { body }), { title: 'a', body: 'b' });
});

test('path variables are members of the message', () => {
  assert.deepEqual(build(method('GetPost'), { variables: { post_id: 'p1' } }), { postId: 'p1' });
});

test('a query is parsed by the type of its fields', () => {
  const query = [
    ['pageSize', '7'],
    ['page_token', '12'],
  ] as const;
  assert.deepEqual(build(method('ListPosts'), { query }), { pageSize: 7, pageToken: '12' });
});

test('an empty body is an empty object, and needs no media type', () => {
  assert.deepEqual(build(method('CreatePost'), { contentType: undefined }), {});
});

test('the media type must be JSON in UTF-8', () => {
  for (const contentType of [
    'application/json; charset=UTF-8',
    'Application/JSON;charset="utf-8"',
  ]) {
    assert.deepEqual(build(method('CreatePost'), { contentType, body: '{}' }), {});
  }
  for (const contentType of [
    undefined,
    'text/plain',
    'application/json; charset=latin1',
    'application/json; a=b',
    'application/json5',
    'application/x-www-form-urlencoded',
  ]) {
    assert.throws(() => build(method('CreatePost'), { contentType, body: '{}' }), {
      code: 'gateway.media_type',
    });
  }
});

test('unknown members are refused by name, at any depth', () => {
  const body = '{"nickname":"ok","nick/name":1,"settings":{"locale":"de","colour":"red"}}';
  assert.deepEqual(pointers(method('UpdateMe'), { body }), ['/nick~1name', '/settings/colour']);
  assert.deepEqual(pointers(method('UpdateMe'), { body: '{"__proto__":{}}' }), ['/__proto__']);
});

test('each member of the wrong type is named, and no value is quoted', () => {
  const body = '{"nickname":7311,"settings":{"locale":7311},"interests":["a",7311]}';
  const found = faults(method('UpdateMe'), { body });
  assert.deepEqual(
    found.map(({ pointer }) => pointer),
    ['/nickname', '/settings/locale', '/interests/1'],
  );
  assert.ok(!JSON.stringify(found).includes('7311'));
});

test('lists, enums and times say what they must be', () => {
  const target = taking('CreatePost', UserSchema);
  const body = '{"status":"NOPE","createdAt":"yesterday","interests":"a"}';
  assert.deepEqual(faults(target, { body }), [
    {
      pointer: '/status',
      detail: 'must be one of PENDING, ACTIVE, SIGNUP_FAILED, SUSPENDED, DELETED',
    },
    { pointer: '/createdAt', detail: 'must be a date and time as RFC 3339 has it' },
    { pointer: '/interests', detail: 'must be a list' },
  ]);
});

test('64-bit integers are exact, as numbers and as strings', () => {
  const target = taking('CreatePost', AccessChangeSchema);
  for (const position of ['9007199254740993', '"9007199254740993"']) {
    const body = `{"position":${position}}`;
    assert.deepEqual(build(target, { body }), { position: '9007199254740993' });
  }
  assert.deepEqual(pointers(target, { body: '{"position":9223372036854775808}' }), ['/position']);
  assert.deepEqual(pointers(method('CreatePost'), { body: '{"title":9007199254740993}' }), [
    '/title',
  ]);
});

test('members that exclude each other are refused', () => {
  const target = taking('CreatePost', AccessChangeSchema);
  assert.deepEqual(pointers(target, { body: '{"heartbeat":{},"keysChanged":{}}' }), ['']);
  assert.deepEqual(pointers(method('UpdateMe'), { body: '{"updateMask":"","update_mask":""}' }), [
    '',
  ]);
});

test('a member that is in the path may not be in the body, in either spelling', () => {
  const given = { variables: { post_id: 'p1' } };
  for (const name of ['postId', 'post_id']) {
    const body = `{"${name}":"p1","title":"t"}`;
    assert.deepEqual(pointers(method('UpdatePost'), { ...given, body }), [`/${name}`]);
  }
});

test('query parameters: unknown, repeated, in the path, of the wrong type', () => {
  const list = method('ListComments');
  const variables = { post_id: 'p1' };
  const cases: Record<string, readonly (readonly [string, string])[]> = {
    '/colour': [['colour', 'red']],
    '/postId': [['postId', 'p2']],
    '/page_size': [
      ['pageSize', '1'],
      ['page_size', '1'],
    ],
    '/pageSize': [['pageSize', '1e1']],
  };
  for (const [pointer, query] of Object.entries(cases)) {
    assert.deepEqual(pointers(list, { variables, query }), [pointer]);
  }
  for (const text of ['', ' 1', '+1', '01', '1.0', '99999999999']) {
    assert.deepEqual(faults(list, { variables, query: [['pageSize', text]] }), [
      { pointer: '/pageSize', detail: 'must be a whole number of 32 bits' },
    ]);
  }
});

test('where the body is the request, there are no query parameters', () => {
  assert.deepEqual(pointers(method('CreatePost'), { query: [['title', 'a']] }), ['/title']);
});

test('a repeated field takes its parameter several times', () => {
  const target = taking('ListPosts', SetRolesRequestSchema);
  const query = [
    ['roles', 'member'],
    ['roles', 'admin'],
  ] as const;
  assert.deepEqual(build(target, { query }), { roles: ['member', 'admin'] });
});

test('PATCH makes the update mask from the members of the body', () => {
  const target = method('UpdateMe');
  assert.deepEqual(build(target, { body: '{"nickname":"nn","interests":[]}' }), {
    nickname: 'nn',
    updateMask: 'nickname,interests',
  });
  assert.deepEqual(build(target, { body: '{"settings":{"time_zone":"UTC"},"updateMask":null}' }), {
    settings: { timeZone: 'UTC' },
    updateMask: 'settings',
  });
  const given = '{"nickname":"nn","updateMask":"settings"}';
  assert.deepEqual(build(target, { body: given }), { nickname: 'nn', updateMask: 'settings' });
});

test('PATCH without a mask in its request is left as it is', () => {
  const given = { variables: { post_id: 'p1' }, body: '{"title":"t"}' };
  assert.deepEqual(build(method('UpdatePost'), given), { postId: 'p1', title: 't' });
});
