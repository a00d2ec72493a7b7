/** Scopes are declared once, in a contract, and a rule names no other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, createFileRegistry, type DescFile, setExtension } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileOptionsSchema } from '@bufbuild/protobuf/wkt';
import {
  file_gatehouse_access_v1_access,
  Role,
  ScopeSchema,
  Subject,
  scope as scopeOption,
} from './gen/gatehouse/access/v1/access_pb.ts';
import { contractsOf } from './methods.ts';
import { assertScopesDeclared, scopesOf, scopesOfRole } from './scopes.ts';
import { contractWith } from './test-support/contract.ts';

function fileWith(name: string, ...scopes: readonly (readonly [string, Role])[]): DescFile {
  const options = create(FileOptionsSchema);
  const declared = scopes.map(([scope, role]) => create(ScopeSchema, { name: scope, role }));
  setExtension(options, scopeOption, declared);
  const { name: access } = file_gatehouse_access_v1_access.proto;
  const file = { name: `${name}.proto`, package: name, syntax: 'proto3', dependency: [access] };
  const registry = createFileRegistry(
    create(FileDescriptorProtoSchema, { ...file, options }),
    () => file_gatehouse_access_v1_access,
  );
  return registry.getFile(`${name}.proto`) ?? assert.fail('the file is not there');
}

test('a role has the scopes of the roles below it, and a scope without a role is no person’s', () => {
  const scopes = scopesOf([
    fileWith('a', ['a:rule', Role.ADMIN], ['a:read', Role.MEMBER]),
    fileWith('b', ['b:call', Role.ROLE_UNSPECIFIED], ['b:tidy', Role.MODERATOR]),
  ]);
  assert.deepEqual(scopesOfRole('member', scopes), ['a:read']);
  assert.deepEqual(scopesOfRole('moderator', scopes), ['a:read', 'b:tidy']);
  assert.deepEqual(scopesOfRole('admin', scopes), ['a:read', 'b:tidy', 'a:rule']);
});

test('a scope that is declared twice or badly named fails, and is named', () => {
  const once = ['x:read', Role.MEMBER] as const;
  assert.throws(
    () => scopesOf([fileWith('a', once), fileWith('b', once)]),
    /b\.proto and a\.proto both declare the scope "x:read"/,
  );
  for (const name of ['', 'x', 'x y', 'X:read', 'x:"']) {
    assert.throws(() => scopesOf([fileWith('a', [name, Role.MEMBER])]), /a\.proto: the scope "/);
  }
});

test('a rule that asks for or carries an undeclared scope fails, and both are named', () => {
  for (const demand of [{ scopes: ['x:read'] }, { carries: ['x:read'] }]) {
    const methods = contractsOf(contractWith({ rule: { subject: Subject.SIGNED_IN, ...demand } }));
    assert.throws(
      () => assertScopesDeclared(methods, []),
      /SampleService\/Do: no contract declares the scope "x:read"/,
    );
    assert.doesNotThrow(() => assertScopesDeclared(methods, [{ name: 'x:read' }]));
  }
});
