import { defineErrors } from '@gatehouse/errors';

/** What the pipeline itself refuses, beside the decision on the access rule. */
export const callErrors = defineErrors('access', {
  PEER: [
    'UNAUTHENTICATED',
    'The certificate of the caller names no workload of this trust domain.',
  ],
  PASSPORT_INVALID: ['UNAUTHENTICATED', 'The passport of this call is not valid.'],
  PASSPORT_REVOKED: [
    'UNAUTHENTICATED',
    'The access behind the passport of this call was withdrawn.',
  ],
  PASSPORT_UNCHECKED: [
    'UNAVAILABLE',
    'Whether the passport is valid cannot be told just now. Try again shortly.',
  ],
});

/** What a peer sent that no method can take. */
export const wireErrors = defineErrors('wire', {
  MALFORMED: ['INVALID_ARGUMENT', 'The request is not a message of this method.'],
  STOPPING: ['UNAVAILABLE', 'This replica is shutting down. Try again.'],
});
