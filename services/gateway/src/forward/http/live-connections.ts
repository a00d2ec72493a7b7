/** Connections that outlive the check of their token: they end when it does. */
import { type Clock, KeysUnavailableError, type Verifier } from '@gatehouse/tokens';
import type { EdgeClaims } from '../../identify/edge-claims.ts';

/** Why a live connection is ended. */
export type EndReason = 'access-ended' | 'going-away';

/** Something that goes on for as long as its caller may. */
export interface LiveConnection {
  readonly token: string;
  readonly claims: EdgeClaims;
  end(reason: EndReason): void;
}

/** All of them. */
export interface LiveConnections {
  /** @returns how to take it out again. */
  add(connection: LiveConnection): () => void;
  /** One that has no token: it ends only with the gateway. */
  addAnonymous(end: (reason: EndReason) => void): () => void;
  /** Looks at each now; otherwise twice a second. */
  sweep(): void;
  /** Ends all of them: the gateway stops. */
  endAll(): void;
  close(): void;
}

const SWEEP_MS = 500;

/**
 * Makes the list. Each token is asked for twice a second, by the verifier that let it in: its expiry,
 * the revocation of token, session or subject, and the withdrawal of its key all end the connection
 * within a second. So does a revocation feed that is too old to trust.
 */
export function createLiveConnections(parts: {
  readonly verifier: Verifier<EdgeClaims>;
  readonly clock: Clock;
  /** Whether nothing is known any more of what was revoked. */
  readonly isBlind: () => boolean;
}): LiveConnections {
  const { verifier, clock, isBlind } = parts;
  const known = new Set<LiveConnection>();
  const anonymous = new Set<(reason: EndReason) => void>();
  const endOne = (connection: LiveConnection): void => {
    if (known.delete(connection)) connection.end('access-ended');
  };
  const sweep = (): void => {
    const blind = isBlind();
    for (const connection of known) {
      const { token, claims } = connection;
      if (blind || claims.exp * 1000 <= clock.nowMs()) endOne(connection);
      // Not in the cache any more: out of room there, or not good any more.
      else if (verifier.verifyCached(token) === undefined) {
        verifier.verify(token).catch((fault: unknown) => {
          if (!(fault instanceof KeysUnavailableError)) endOne(connection);
        });
      }
    }
  };
  const timer = setInterval(sweep, SWEEP_MS).unref();
  return {
    add: (connection) => {
      known.add(connection);
      return () => known.delete(connection);
    },
    addAnonymous: (end) => {
      anonymous.add(end);
      return () => anonymous.delete(end);
    },
    sweep,
    endAll: () => {
      for (const { end } of known) end('going-away');
      for (const end of anonymous) end('going-away');
      known.clear();
      anonymous.clear();
    },
    close: () => clearInterval(timer),
  };
}
