import type { AccessChange } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';

/** One connection to the feed. */
export interface FollowOptions {
  readonly open: (signal: AbortSignal) => AsyncIterable<AccessChange>;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onChange: (change: AccessChange) => void;
}

// Auth sends a heartbeat every five seconds. A connection that is dead at the other end says nothing.
const SILENCE_MS = 15_000;

/**
 * Follows one connection until it ends, and holds it to the contract: the first message is a
 * snapshot, each change is one position further, and no silence lasts longer than 15 s.
 *
 * A position that is not new is passed on all the same, because to apply a change twice is harmless.
 *
 * @throws Error when the contract is broken, and what the stream throws. Always ends the connection.
 */
export async function followAccessChanges(options: FollowOptions): Promise<void> {
  const ending = new AbortController();
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const iterator = options.open(signal)[Symbol.asyncIterator]();
  try {
    let position: bigint | undefined;
    for (;;) {
      const next = await nextWithin(iterator, options.wait, signal);
      if (next.done === true) throw new Error('the feed ended');
      position = positionAfter(position, next.value);
      options.onChange(next.value);
    }
  } finally {
    ending.abort();
    // Not awaited: a stream that hangs would hold us too.
    Promise.resolve(iterator.return?.()).catch(() => undefined);
  }
}

function positionAfter(position: bigint | undefined, change: AccessChange): bigint {
  const { event } = change;
  if (event.case === 'snapshot') return change.position;
  if (position === undefined) throw new Error('the feed did not open with a snapshot');
  const isHeartbeat = event.case === 'heartbeat';
  const furthest = isHeartbeat ? position : position + 1n;
  if (change.position > furthest) {
    throw new Error(`the feed has a gap: ${change.position} came after ${position}`);
  }
  return change.position > position ? change.position : position;
}

async function nextWithin(
  iterator: AsyncIterator<AccessChange>,
  wait: FollowOptions['wait'],
  signal: AbortSignal,
): Promise<IteratorResult<AccessChange>> {
  signal.throwIfAborted();
  const arrived = new AbortController();
  const silence = wait(SILENCE_MS, AbortSignal.any([signal, arrived.signal])).then(() => {
    throw new Error('the feed fell silent');
  });
  const next = iterator.next();
  try {
    return await Promise.race([next, silence]);
  } finally {
    arrived.abort();
    // Whichever lost may still reject.
    silence.catch(() => undefined);
    next.catch(() => undefined);
  }
}
