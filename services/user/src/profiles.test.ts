import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/errors';
import { MOVES, type Move, type Status, statusAfter } from './profiles.ts';

const STATUSES: readonly Status[] = ['PENDING', 'ACTIVE', 'SIGNUP_FAILED', 'SUSPENDED', 'DELETED'];

// The whole table: where each move leads from each status; `-` is an illegal move.
const TABLE: Readonly<Record<Move, readonly (Status | '-')[]>> = {
  activate: ['ACTIVE', 'ACTIVE', '-', '-', '-'],
  failSignup: ['SIGNUP_FAILED', '-', 'SIGNUP_FAILED', '-', '-'],
  suspend: ['-', 'SUSPENDED', '-', 'SUSPENDED', '-'],
  reinstate: ['-', 'ACTIVE', '-', 'ACTIVE', '-'],
  delete: ['-', 'DELETED', '-', 'DELETED', 'DELETED'],
};

test('every move from every status leads where the table says, and an illegal one is an error', () => {
  assert.deepEqual(Object.keys(TABLE), Object.keys(MOVES));
  for (const move of Object.keys(MOVES) as Move[]) {
    const led = STATUSES.map((status) => {
      try {
        return statusAfter(move, status);
      } catch (error) {
        assert.ok(error instanceof GatehouseError && error.code === 'user.status_move');
        return '-';
      }
    });
    assert.deepEqual(led, TABLE[move], move);
  }
});
