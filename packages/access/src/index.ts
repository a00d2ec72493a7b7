/**
 * Who may call: the decision on an access rule, and the feed of revocations that every cache of
 * decisions listens to. Opens no connection of its own.
 */
export {
  type AccessRequest,
  type Decision,
  type DenyReason,
  decide,
} from './decide.ts';
export { accessErrors } from './errors.ts';
export {
  type AccessFeed,
  type AccessFeedEvent,
  type AccessFeedOptions,
  createAccessFeed,
} from './feed/feed.ts';
export {
  type AccessSubject,
  passportScopes,
  subjectOfAccessToken,
  subjectOfPassport,
} from './subject.ts';
export { trustedKeys } from './trusted-keys.ts';
