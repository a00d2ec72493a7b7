/** The spans that a service has ended. For tests. */
import type { StartOptions } from '@gatehouse/chassis';

type Processor = NonNullable<StartOptions['spanProcessors']>[number];
type Span = Parameters<Processor['onEnd']>[0];

export class Spans implements Processor {
  #ended: Span[] = [];

  onStart(): void {}

  onEnd(span: Span): void {
    this.#ended.push(span);
  }

  /** Those that have ended since it was asked before. */
  take(): readonly Span[] {
    const taken = this.#ended;
    this.#ended = [];
    return taken;
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
