import type { EdgeResponse, Handler, Incoming, Outgoing } from '../receive/seam.ts';

/** A whole response to a request, without a wire. */
export function ask(handle: Handler, incoming: Incoming): Promise<EdgeResponse> {
  return new Promise((resolve, reject) => {
    const fail = (): never => {
      const error = new Error('not a whole response');
      reject(error);
      throw error;
    };
    const outgoing: Outgoing = {
      respond: (answer) => {
        outgoing.listener?.onClosed(true);
        resolve(answer);
      },
      informational: () => undefined,
      head: fail,
      write: fail,
      end: fail,
      abort: fail,
      upgrade: fail,
      stallAfter: () => undefined,
      listener: undefined,
    };
    void handle(incoming, outgoing);
  });
}
