import type { Verifier } from '@gatehouse/tokens';

/** A verifier whose place another can take, between two tokens. */
export interface LiveVerifier<Claims> extends Verifier<Claims> {
  swap(next: Verifier<Claims>): void;
}

export function createLiveVerifier<Claims>(first: Verifier<Claims>): LiveVerifier<Claims> {
  let current = first;
  return {
    verify: (token) => current.verify(token),
    verifyCached: (token) => current.verifyCached(token),
    swap: (next) => {
      current = next;
    },
  };
}
