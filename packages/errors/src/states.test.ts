import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineErrors, defineStates, GatehouseError } from './index.ts';

const errors = defineErrors('lamp', {
  MOVE: ['FAILED_PRECONDITION', 'The lamp cannot do that now.'],
});
const lamp = defineStates({
  names: ['OFF', 'ON', 'BROKEN'],
  moves: {
    switchOn: { from: ['OFF', 'ON'], to: 'ON' },
    switchOff: { from: ['ON'], to: 'OFF' },
    smash: { from: ['OFF', 'ON'], to: 'BROKEN' },
  },
  illegal: errors.MOVE,
});

test('a move leads from each of its states to one, and a repeat is legal where it is declared', () => {
  assert.equal(lamp.after('switchOn', 'OFF'), 'ON');
  assert.equal(lamp.after('switchOn', 'ON'), 'ON');
  assert.equal(lamp.after('smash', 'OFF'), 'BROKEN');
  assert.deepEqual(lamp.names, ['OFF', 'ON', 'BROKEN']);
});

test('a move that is not declared is the coded error, with what was tried as its cause', () => {
  for (const [move, state] of [
    ['switchOff', 'OFF'],
    ['switchOn', 'BROKEN'],
    ['smash', 'BROKEN'],
  ] as const) {
    assert.throws(
      () => lamp.after(move, state),
      (error: unknown) => {
        assert.ok(error instanceof GatehouseError);
        assert.equal(error.code, 'lamp.move');
        assert.match(String(error.cause), new RegExp(`${move} is no move from ${state}`));
        return true;
      },
    );
  }
});
