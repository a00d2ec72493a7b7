import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { GatehouseError } from '@gatehouse/errors';
import pg from 'pg';
import { connectErrorOf, reasonOf, SqlError, statementErrorOf } from './errors.ts';

function databaseError(sqlState: string, message: string): pg.DatabaseError {
  const error = new pg.DatabaseError(message, 0, 'error');
  return Object.assign(error, {
    code: sqlState,
    detail: 'Key (email)=(hunter2)',
    where: 'hunter2',
  });
}

test('each way in which a server is gone is UNAVAILABLE', () => {
  const gone = [
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('Client was closed and is not queryable'),
    ...['57P01', '57P02', '57P03', '08006', '53300'].map((state) => databaseError(state, 'gone')),
  ];
  for (const thrown of gone) {
    const error = statementErrorOf(thrown);
    assert.ok(error instanceof GatehouseError && error.kind === 'UNAVAILABLE', thrown.message);
  }
});

test('a parameter that cannot be written is not taken for an outage', () => {
  const mistake = new TypeError('Converting circular structure to JSON');
  assert.equal(statementErrorOf(mistake), mistake);
});

test("an error of ours is not wrapped again, and the server's keeps no value", () => {
  const refused = statementErrorOf(databaseError('23505', 'duplicate key'));
  assert.ok(refused instanceof SqlError);
  assert.equal(refused.message, 'duplicate key (23505)');
  assert.equal(statementErrorOf(refused), refused);
  assert.ok(!inspect(refused, { showHidden: true }).includes('hunter2'));
  for (const state of ['22001', 'P0001']) {
    const quoting = statementErrorOf(databaseError(state, 'value hunter2 is bad'));
    assert.equal(quoting.message, `statement refused (${state})`);
  }
});

test('why no connection was had is told in words, without what the driver hangs on the error', () => {
  const client = { password: 'hunter2' };
  const error = connectErrorOf(Object.assign(new Error('connect ECONNREFUSED'), { client }));
  assert.equal(error.code, 'postgres.unavailable');
  assert.match(String(error.cause), /ECONNREFUSED/);
  assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes('hunter2'));
  const both = new AggregateError([new Error('no ::1'), new Error('no 127.0.0.1')]);
  assert.equal(reasonOf(both), 'no ::1; no 127.0.0.1');
});
