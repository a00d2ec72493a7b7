/** What a detached supervisor sends to the command that started it. */
import type { PlatformOptions } from '@gatehouse/platform';
import type { Welcome } from '../welcome.ts';

/** What it runs: its one argument, as JSON, without secrets. */
export type DetachedOptions = Pick<PlatformOptions, 'dataDir' | 'portOffset' | 'replicas' | 'env'>;

export type Message =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'up'; readonly welcome: Welcome }
  | { readonly kind: 'failed'; readonly message: string; readonly remedy: string };
