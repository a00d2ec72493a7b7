/**
 * Turns of the event loop for work that may wait.
 *
 * In each turn the requests that can be answered come first, and of those who wait here no more than so
 * many after them. So a flood of tokens that nobody has seen before takes a small part of the time from
 * those whose tokens are known, and all of what they leave.
 *
 * @param perTurn - how many go on in each turn.
 * @param everyMs - how far turns are apart; default: each turn of the loop.
 * @returns settled when it is one's turn; in the order of asking.
 */
export function createTurns(perTurn: number, everyMs?: number): () => Promise<void> {
  const waiting: (() => void)[] = [];
  const schedule = (): void => {
    if (everyMs === undefined) setImmediate(next);
    else setTimeout(next, everyMs);
  };
  const next = (): void => {
    for (const goOn of waiting.splice(0, perTurn)) goOn();
    if (waiting.length > 0) schedule();
  };
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 1) schedule();
    });
}
