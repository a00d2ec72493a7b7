import type { EnvReader } from '@gatehouse/chassis/standalone';
import { createFastReceiver } from './fast.ts';
import { createNodeHttpReceiver, type ReceiverOptions } from './node-http.ts';
import type { Receiver } from './seam.ts';

/** Which code reads plain HTTP/1: our own, or node's, should ours ever be at fault. */
export type ReceiverKind = 'fast' | 'node';

const KINDS = ['fast', 'node'] as const;

/** @throws ConfigError for another word than `fast` and `node`. Default `fast`. */
export function readReceiverKind(env: EnvReader): ReceiverKind {
  return env.oneOf('GATEHOUSE_RECEIVER', KINDS, 'fast');
}

/** A receiver as asked for. TLS, and with it HTTP/2, is always node's. */
export function createReceiver(options: ReceiverOptions, kind: ReceiverKind): Receiver {
  const isFast = kind === 'fast' && options.tls === undefined;
  return isFast ? createFastReceiver(options) : createNodeHttpReceiver(options);
}
