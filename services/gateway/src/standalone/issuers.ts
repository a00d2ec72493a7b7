/** The key sets of the issuers in the file, which outlive a reload that leaves them as they are. */
import {
  type Clock,
  createDiscoveredKeySet,
  createFileKeySet,
  createRemoteKeySet,
  type KeySetEvent,
  type RemoteKeySet,
} from '@gatehouse/tokens';
import type { IssuerSettings } from '../file/read-issuers.ts';
import type { TrustedIssuer } from '../identify/external-verifier.ts';

/** The issuers in force. */
export interface Issuers {
  /**
   * Takes these instead of the ones before. Resolves when each new one's keys were asked for once,
   * whether or not they came; they are asked for until they do.
   */
  take(settings: readonly IssuerSettings[]): Promise<readonly TrustedIssuer[]>;
  /** Ends the key sets that the last {@link take} left out: when nobody goes by them any more. */
  forgetOthers(): void;
  /** Issuers of which no key is known. */
  without(): readonly string[];
  close(): void;
}

/** @param onEvent - told when keys came, or could not be had. */
export function createIssuers(
  clock: Clock,
  onEvent: (issuer: string, event: KeySetEvent) => void,
): Issuers {
  const known = new Map<string, RemoteKeySet>();
  let current: readonly IssuerSettings[] = [];
  const keysOf = (settings: IssuerSettings): RemoteKeySet | undefined =>
    known.get(nameOf(settings));
  return {
    take: async (settings) => {
      const fresh = settings.filter((each) => keysOf(each) === undefined);
      const starting = fresh.map((each) => {
        const keys = keySetOf(each, clock, onEvent);
        known.set(nameOf(each), keys);
        return keys.start();
      });
      await Promise.all(starting);
      current = settings;
      return settings.flatMap((each) => {
        const keys = keysOf(each);
        return keys === undefined ? [] : [{ settings: each, keys }];
      });
    },
    forgetOthers: () => {
      const names = new Set(current.map(nameOf));
      for (const [name, keys] of known) {
        if (names.has(name)) continue;
        keys.close();
        known.delete(name);
      }
    },
    without: () =>
      current.filter((each) => keysOf(each)?.ready !== true).map(({ issuer }) => issuer),
    close: () => {
      for (const keys of known.values()) keys.close();
    },
  };
}

function nameOf({ issuer, keys }: IssuerSettings): string {
  return JSON.stringify([issuer, keys]);
}

function keySetOf(
  { issuer, keys }: IssuerSettings,
  clock: Clock,
  tell: (issuer: string, event: KeySetEvent) => void,
): RemoteKeySet {
  const onEvent = (event: KeySetEvent): void => tell(issuer, event);
  if (keys.kind === 'url') return createRemoteKeySet({ url: keys.url, clock, onEvent });
  if (keys.kind === 'file') return createFileKeySet({ path: keys.path, clock, onEvent });
  return createDiscoveredKeySet({ issuer, clock, onEvent });
}
