/** What can become of a request to a plain HTTP upstream, beside what `edgeErrors` has. */
import { defineErrors } from '@gatehouse/errors';

export const upstreamErrors = defineErrors('gateway', {
  UPSTREAM_BUSY: [
    'UNAVAILABLE',
    'The service behind this path has more requests than it can take. Try again shortly.',
  ],
  UPSTREAM_TIMEOUT: ['DEADLINE_EXCEEDED', 'The service behind this path did not respond in time.'],
});
