/** The ports of the house, and interfaces that look like one; ports.ts says what is checked of them. */
import type { Ports } from './ports.ts';

export const PORTS: Ports = {
  ports: [
    {
      name: 'Limit',
      file: 'packages/limits/src/limit.ts',
      adapters: ['packages/limits/src/process-limit.ts', 'packages/limits/src/stored-limit.ts'],
      suite: {
        name: 'limitSuite',
        file: 'packages/limits/src/test-support/suite.ts',
        usedIn: [
          'packages/limits/src/process-limit.test.ts',
          'packages/limits/src/stored-limit.test.ts',
        ],
      },
      reason: 'counts are kept in the process, or where several processes share them',
    },
    {
      name: 'KeySource',
      file: 'packages/tokens/src/keys/types.ts',
      adapters: [
        'packages/tokens/src/keys/static.ts',
        'packages/tokens/src/keys/remote.ts',
        'packages/access/src/trusted-keys.ts',
        'services/auth/src/keys/passport-key-set.ts',
      ],
      suite: {
        name: 'keySourceSuite',
        file: 'packages/testing/src/key-source-suite.ts',
        usedIn: [
          'packages/tokens/src/keys/key-source.test.ts',
          'packages/access/src/trusted-keys.test.ts',
          'services/auth/src/keys/passport-key-set.test.ts',
        ],
      },
      reason:
        'a verifier finds keys in a document, at a URL, in a file, or in the database of auth',
    },
    {
      name: 'Clock',
      file: 'packages/tokens/src/clock.ts',
      adapters: ['packages/tokens/src/clock.ts'],
      fake: 'packages/testing/src/clock.ts',
      reason: 'tests say what time it is, and wait for nothing',
    },
  ],
  noPorts: [
    { name: 'BodySource', reason: 'a body as it comes, by whichever reader: tested as one way' },
    { name: 'BodySink', reason: 'where a body goes, piece by piece: a role' },
    { name: 'Watched', reason: 'whoever has a deadline: a role that the sweeper calls' },
    { name: 'ConnectionOwner', reason: 'who is told what becomes of a connection: a role' },
    {
      name: 'Incoming',
      reason: 'one request on the wire: tests/gateway plays the same attacks on HTTP/1 and HTTP/2',
    },
    { name: 'Outgoing', reason: 'its response: the same tests' },
  ],
};
