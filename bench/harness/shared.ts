/** What several subjects share: started by the first that asks, closed by the last that leaves. */

interface Closable {
  close(): Promise<void>;
}

/**
 * Makes one of it for all who open it at the same time.
 *
 * @param start - makes it.
 * @returns how to open it; the `close` of what is opened closes it for the last one only.
 */
export function shared<Thing extends Closable>(start: () => Promise<Thing>): () => Promise<Thing> {
  let opened: Promise<Thing> | undefined;
  let users = 0;
  return async () => {
    users += 1;
    opened ??= start();
    const thing = await opened;
    const close = async (): Promise<void> => {
      users -= 1;
      if (users > 0) return;
      opened = undefined;
      await thing.close();
    };
    return { ...thing, close };
  };
}
