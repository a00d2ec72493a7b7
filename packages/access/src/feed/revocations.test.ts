import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  AccessSnapshotSchema,
  KeyRevokedSchema,
  SessionRevokedSchema,
  SubjectVersionSchema,
  TokenRevokedSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { createRevocations } from './revocations.ts';

const START_MS = 1_800_000_000_000;

function setUp() {
  let nowMs = START_MS;
  const revocations = createRevocations({ nowMs: () => nowMs });
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { revocations, pass };
}

const inSeconds = (seconds: number) => ({ seconds: BigInt(START_MS / 1000 + seconds), nanos: 0 });
const session = (sessionId: string, seconds: number) =>
  create(SessionRevokedSchema, { sessionId, expiresAt: inSeconds(seconds) });

test('what has expired takes no memory, however busy the feed is', () => {
  const { revocations, pass } = setUp();
  for (let index = 0; index < 1_000; index += 1) {
    revocations.addSession(session(`ses_${index}`, index));
    revocations.addToken(
      create(TokenRevokedSchema, { tokenId: `jti_${index}`, expiresAt: inSeconds(index) }),
    );
    revocations.addSubject(
      create(SubjectVersionSchema, { subject: `usr_${index}`, expiresAt: inSeconds(index) }),
    );
    pass(1_000);
    revocations.tidy();
  }
  assert.ok(revocations.size < 3 * 200, `${revocations.size} entries`);
  pass(600_000);
  revocations.tidy();
  assert.equal(revocations.size, 0);
});

test('a repeat with an earlier expiry does not shorten what is known', () => {
  const { revocations, pass } = setUp();
  assert.equal(revocations.addSession(session('ses_1', 600)), true);
  assert.equal(revocations.addSession(session('ses_1', 1)), false);
  pass(700_000);
  assert.ok(revocations.isRevoked({ sub: 'usr_1', sid: 'ses_1' }));
});

test('what comes without an expiry is kept until a snapshot leaves it out', () => {
  const { revocations, pass } = setUp();
  revocations.addSession(create(SessionRevokedSchema, { sessionId: 'ses_1' }));
  pass(10 ** 12);
  revocations.tidy();
  assert.ok(revocations.isRevoked({ sub: 'usr_1', sid: 'ses_1' }));
  revocations.replace(create(AccessSnapshotSchema));
  assert.ok(!revocations.isRevoked({ sub: 'usr_1', sid: 'ses_1' }));
});

test('a snapshot tells which sessions and revoked keys are new', () => {
  const { revocations } = setUp();
  revocations.addSession(session('ses_1', 600));
  const sessions = [session('ses_1', 600), session('ses_2', 600)];
  const keys = [create(KeyRevokedSchema, { kid: 'key_1' })];
  const revoked = revocations.replace(create(AccessSnapshotSchema, { sessions, keys }));
  assert.deepEqual(revoked, { sessions: ['ses_2'], keys: ['key_1'] });
  assert.deepEqual(revocations.replace(create(AccessSnapshotSchema, { sessions, keys })).keys, []);
});

test('a key is revoked until the entry may be forgotten', () => {
  const { revocations, pass } = setUp();
  assert.equal(revocations.isKeyRevoked('key_1'), false);
  const seconds = session('x', 600).expiresAt?.seconds ?? 0n;
  const change = create(KeyRevokedSchema, { kid: 'key_1', expiresAt: { seconds } });
  assert.equal(revocations.addKey(change), true);
  assert.equal(revocations.addKey(change), false);
  assert.equal(revocations.isKeyRevoked('key_1'), true);
  pass(722_000);
  revocations.tidy();
  assert.equal(revocations.isKeyRevoked('key_1'), false);
  assert.equal(revocations.size, 0);
});
