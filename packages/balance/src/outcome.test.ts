import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonErrors, defineErrors } from '@gatehouse/errors';
import { mayRetryElsewhere, outcomeOf } from './outcome.ts';

const errors = defineErrors('access', { PASSPORT_UNCHECKED: ['UNAVAILABLE', 'No keys yet.'] });

test('an endpoint is to blame when it was lost, late or unavailable', () => {
  assert.equal(outcomeOf(commonErrors.UNAVAILABLE()), 'bad');
  assert.equal(outcomeOf(commonErrors.DEADLINE()), 'bad');
  assert.equal(outcomeOf(commonErrors.INTERNAL()), 'good');
  assert.equal(outcomeOf(commonErrors.CANCELLED()), 'open');
  assert.equal(outcomeOf(new Error('no response at all')), 'open');
});

test('another endpoint may get the call when nothing was done, or if it is safe', () => {
  assert.equal(mayRetryElsewhere(errors.PASSPORT_UNCHECKED()), 'always');
  assert.equal(mayRetryElsewhere(commonErrors.UNAVAILABLE()), 'if safe');
  assert.equal(mayRetryElsewhere(commonErrors.DEADLINE()), 'never');
  assert.equal(mayRetryElsewhere(new Error('unknown')), 'never');
});
