/**
 * Runs work again and again, never twice at once, with a pause after each round.
 *
 * @param work - what it throws goes to `onError`, and the next round comes all the same.
 * @returns how to stop, which waits for a round that is under way.
 */
export function repeat(
  work: () => Promise<void>,
  options: { readonly pauseMs: number; readonly onError: (error: unknown) => void },
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  const next = () => {
    round = work()
      .catch(options.onError)
      .then(() => {
        if (!stopped) timer = setTimeout(next, options.pauseMs).unref();
      });
  };
  timer = setTimeout(next, options.pauseMs).unref();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await round;
  };
}
