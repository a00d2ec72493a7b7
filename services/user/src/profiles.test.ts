import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/errors';
import { type Move, type ProfileRow, statuses } from './profiles.ts';

type Status = ProfileRow['status'];

// The whole table: where each move leads from each status; `-` is an illegal move.
const TABLE: Readonly<Record<Move, readonly (Status | '-')[]>> = {
  activate: ['ACTIVE', 'ACTIVE', '-', '-', '-'],
  failSignup: ['SIGNUP_FAILED', '-', 'SIGNUP_FAILED', '-', '-'],
  suspend: ['-', 'SUSPENDED', '-', 'SUSPENDED', '-'],
  reinstate: ['-', 'ACTIVE', '-', 'ACTIVE', '-'],
  delete: ['-', 'DELETED', '-', 'DELETED', 'DELETED'],
};

test('every move from every status leads where the table says, and an illegal one is an error', () => {
  for (const move of Object.keys(TABLE) as Move[]) {
    const led = statuses.names.map((status) => {
      try {
        return statuses.after(move, status);
      } catch (error) {
        assert.ok(error instanceof GatehouseError && error.code === 'user.status_move');
        return '-';
      }
    });
    assert.deepEqual(led, TABLE[move], move);
  }
});
