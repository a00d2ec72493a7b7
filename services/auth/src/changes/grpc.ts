/** The feed of access changes as messages. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type {
  AccessChangeSchema,
  AuthService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import type { ChangeFeed, FeedEvent } from './feed.ts';
import type { CommittedChange } from './rules.ts';

type Message = MessageInitShape<typeof AccessChangeSchema>;
type Event = NonNullable<Message['event']>;

export function changeMethods(
  feed: ChangeFeed,
): Pick<Handlers<typeof AuthService>, 'watchAccessChanges'> {
  return {
    async *watchAccessChanges(_request, call) {
      for await (const event of feed.watch(call.signal)) yield accessChangeMessage(event);
    },
  };
}

/** The message of one event of the feed. */
export function accessChangeMessage(event: FeedEvent): Message {
  switch (event.kind) {
    case 'snapshot':
      return { position: event.position, event: snapshotEvent(event.changes) };
    case 'heartbeat':
      return { position: event.position, event: { case: 'heartbeat', value: {} } };
    case 'change':
      return { position: event.change.position, event: changeEvent(event.change) };
  }
}

function snapshotEvent(changes: readonly CommittedChange[]): Event {
  const of = (...kinds: CommittedChange['kind'][]) =>
    changes.filter((change) => kinds.includes(change.kind));
  // Only the highest version of a subject matters; the changes come in order.
  const subjects = new Map(
    of('token_claims_change', 'credential_change').map((change) => [change.about, change]),
  );
  return {
    case: 'snapshot',
    value: {
      sessions: of('session_revoked').map(sessionRevoked),
      tokens: of('token_revoked').map(tokenRevoked),
      subjects: [...subjects.values()].map(subjectVersion),
      keys: of('key_revoked').map(keyRevoked),
    },
  };
}

function changeEvent(change: CommittedChange): Event {
  switch (change.kind) {
    case 'session_revoked':
      return { case: 'sessionRevoked', value: sessionRevoked(change) };
    case 'token_revoked':
      return { case: 'tokenRevoked', value: tokenRevoked(change) };
    case 'token_claims_change':
      return { case: 'tokenClaimsChange', value: subjectVersion(change) };
    case 'credential_change':
      return { case: 'credentialChange', value: subjectVersion(change) };
    case 'keys_changed':
      return { case: 'keysChanged', value: {} };
    case 'key_revoked':
      return { case: 'keyRevoked', value: keyRevoked(change) };
  }
}

function sessionRevoked({ about, expiresAt }: CommittedChange) {
  return { sessionId: about, expiresAt: timestampFromDate(expiresAt) };
}

function tokenRevoked({ about, expiresAt }: CommittedChange) {
  return { tokenId: about, expiresAt: timestampFromDate(expiresAt) };
}

function keyRevoked({ about, expiresAt }: CommittedChange) {
  return { kid: about, expiresAt: timestampFromDate(expiresAt) };
}

function subjectVersion({ about, version, expiresAt }: CommittedChange) {
  return { subject: about, version: BigInt(version), expiresAt: timestampFromDate(expiresAt) };
}
