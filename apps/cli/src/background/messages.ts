/** What a supervisor in the background tells the command that started it. */
import type { PlatformOptions } from '@gatehouse/platform';
import type { Welcome } from '../screen.ts';

/** What it is asked to run; its one argument, as JSON. Holds no secret. */
export type BackgroundOptions = Pick<PlatformOptions, 'dataDir' | 'portOffset' | 'copies' | 'env'>;

export type Message =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'up'; readonly welcome: Welcome }
  | { readonly kind: 'failed'; readonly message: string; readonly remedy: string };
