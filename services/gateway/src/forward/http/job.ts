/** What a connection is given to do. */
import type { Duplex } from 'node:stream';
import type { ResponseHead } from '@gatehouse/wire';
import type { Fault } from './faults.ts';
import type { UpstreamRequest } from './upstream-client.ts';

/** One request, and who is told what becomes of it. Nothing comes after the last three. */
export interface Job {
  readonly request: UpstreamRequest;
  /** As `requestHead` wrote it. */
  readonly head: string;
  onInformational(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** @param chunk - until the call returns. @returns whether more can be taken. */
  onData(chunk: Buffer): boolean;
  /** Bytes of the request's body moved. */
  onMoved(): void;
  /** The request is sent. */
  onSent(): void;
  onEnd(trailers: readonly string[]): void;
  onUpgrade(head: ResponseHead, socket: Duplex, rest: Buffer): void;
  onFault(fault: Fault): void;
}
