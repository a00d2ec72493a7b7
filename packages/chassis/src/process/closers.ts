import type { Logger } from 'pino';

/** What has to be closed, last opened first. */
export class Closers {
  readonly #stack: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  #closing: Promise<void> | undefined;

  add(name: string, close: () => Promise<void>): void {
    this.#stack.push({ name, close });
  }

  /** Closes everything once; one that fails is logged and keeps no other open. */
  closeAll(log: Logger): Promise<void> {
    this.#closing ??= this.#closeAll(log);
    return this.#closing;
  }

  async #closeAll(log: Logger): Promise<void> {
    for (let next = this.#stack.pop(); next !== undefined; next = this.#stack.pop()) {
      try {
        await next.close();
      } catch (err) {
        log.error({ err, part: next.name }, 'a part could not be closed');
      }
    }
  }
}
