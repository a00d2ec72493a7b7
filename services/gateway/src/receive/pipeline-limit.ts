import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds the requests of one connection that are worked on at a time. Node reads ahead until enough
 * *answers* wait; while upstreams are slow there are none, and one connection could have any number
 * of requests in the works.
 *
 * @returns whether one more may be worked on; each that may is counted until its answer is out.
 */
export function createPipelineLimit(
  most: number,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const counts = new WeakMap<Socket, number>();
  return ({ socket }, response) => {
    const count = (counts.get(socket) ?? 0) + 1;
    if (count > most) return false;
    counts.set(socket, count);
    response.once('close', () => counts.set(socket, (counts.get(socket) ?? 1) - 1));
    return true;
  };
}
