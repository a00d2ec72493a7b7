import type { ErrorFactory } from './error.ts';

/** A move between states. A repeat is legal only where `from` names `to` as well. */
export interface Move<State extends string> {
  readonly from: readonly State[];
  readonly to: State;
}

/** The states of one kind of thing, and how it goes from one to another. */
export interface States<State extends string, Name extends string> {
  readonly names: readonly State[];
  /**
   * The state after a move.
   *
   * @throws the declared error when the move is not legal from `state`; its cause names both.
   */
  after(move: Name, state: State): State;
}

/**
 * Declares the states of something and the moves between them. What is not declared is no move: it is an
 * error, and never a call that silently does nothing.
 *
 * @example
 * ```ts
 * import { defineErrors, defineStates } from '@gatehouse/errors';
 *
 * const errors = defineErrors('order', {
 *   MOVE: ['FAILED_PRECONDITION', 'The order is in a status that does not allow this.'],
 * });
 * const orders = defineStates({
 *   names: ['OPEN', 'PAID', 'CANCELLED'],
 *   moves: {
 *     pay: { from: ['OPEN', 'PAID'], to: 'PAID' }, // may be repeated
 *     cancel: { from: ['OPEN'], to: 'CANCELLED' },
 *   },
 *   illegal: errors.MOVE,
 * });
 * console.log(orders.after('pay', 'OPEN')); // PAID
 * ```
 */
export function defineStates<const State extends string, Name extends string>({
  names,
  moves,
  illegal,
}: {
  readonly names: readonly State[];
  readonly moves: Readonly<Record<Name, Move<NoInfer<State>>>>;
  readonly illegal: ErrorFactory;
}): States<State, Name> {
  return {
    names,
    after: (move, state) => {
      const { from, to } = moves[move];
      if (from.includes(state)) return to;
      throw illegal({ cause: new Error(`${move} is no move from ${state}`) });
    },
  };
}
