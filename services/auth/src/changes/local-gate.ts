/** How auth judges passports that come to itself. */
import { create } from '@bufbuild/protobuf';
import { createAccessFeed, trustedKeys } from '@gatehouse/access';
import type { PassportGate, ServiceContext } from '@gatehouse/chassis';
import {
  type AccessChange,
  AccessChangeSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { createPassportVerifier } from '@gatehouse/tokens';
import type { PassportKeySet } from '../keys/passport-key-set.ts';
import type { ChangeFeed } from './feed.ts';
import { accessChangeMessage } from './grpc.ts';

/** Auth verifies passports by its own keys and the revocations that it commits, without a call to itself. */
export function localGate(
  context: ServiceContext,
  { passportKeys, feed }: { readonly passportKeys: PassportKeySet; readonly feed: ChangeFeed },
): PassportGate {
  const { clock, log, trustDomain } = context;
  const revocations = createAccessFeed({
    open: (signal) => messagesOf(feed, signal),
    clock,
    onEvent: (event) => {
      if (event.kind === 'snapshot') return;
      const err = 'cause' in event ? event.cause : undefined;
      log.warn({ kind: event.kind, err }, 'the own feed of access changes was interrupted');
    },
  });
  revocations.onKeysChanged(() => {
    passportKeys.reload().catch((err: unknown) => log.warn({ err }, 'passport keys unavailable'));
  });
  revocations.start();
  context.onClose(async () => {
    await revocations.close();
    feed.close();
  });
  context.readiness('revocation feed', () => {
    if (!revocations.ready) throw new Error('the own feed of access changes has not begun');
  });
  const verifier = createPassportVerifier({
    trustDomain,
    keys: trustedKeys(passportKeys, revocations),
    revocations,
    clock,
  });
  return {
    verify: async (token) => verifier.verifyCached(token) ?? verifier.verify(token),
    get revocationsStale() {
      return revocations.stale;
    },
  };
}

async function* messagesOf(feed: ChangeFeed, signal: AbortSignal): AsyncGenerator<AccessChange> {
  for await (const event of feed.watch(signal)) {
    yield create(AccessChangeSchema, accessChangeMessage(event));
  }
}
