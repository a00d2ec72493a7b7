import { createStoredLimit } from './stored-limit.ts';
import { limitSuite } from './test-support/suite.ts';

limitSuite('rate-limiter-flexible in memory', (settings, t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: 1_000_000 });
  return { limit: createStoredLimit(settings), advance: (ms) => t.mock.timers.tick(ms) };
});
