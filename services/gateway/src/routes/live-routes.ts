import type { RouteSet } from './http-route.ts';

/** The set that new requests begin with. */
export interface LiveRoutes {
  current(): RouteSet;
  /** Takes its place, whole; requests that began with the old one end with it. */
  swap(next: RouteSet): void;
  /** Told after each swap. */
  onSwap(listener: (next: RouteSet) => void): void;
}

/** Holds a set until the next one comes. */
export function createLiveRoutes(first: RouteSet): LiveRoutes {
  const listeners: ((next: RouteSet) => void)[] = [];
  let set = first;
  return {
    current: () => set,
    swap: (next) => {
      set = next;
      for (const listener of listeners) listener(next);
    },
    onSwap: (listener) => {
      listeners.push(listener);
    },
  };
}
