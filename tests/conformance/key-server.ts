/** An auth server that can be late, wrong, gone or silent, over real HTTP. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What it does with the next requests. */
export type Answer = (response: ServerResponse) => void;

/** One running server. */
export interface KeyServer {
  readonly url: string;
  /** Requests that reached it so far. */
  readonly fetches: number;
  answer: Answer;
  /** Stops listening and cuts what is open: connections are refused. */
  goAway(): Promise<void>;
  /** Listens again, on the same port. */
  comeBack(): Promise<void>;
}

export const JSON_TYPE = { 'content-type': 'application/json' };

/** Answers as it should, with these keys. */
export function publish(...keys: object[]): Answer {
  return (response) => response.writeHead(200, JSON_TYPE).end(JSON.stringify({ keys }));
}

/** Answers as `answer` does, later. */
export function late(ms: number, answer: Answer): Answer {
  return (response) => {
    setTimeout(() => answer(response), ms);
  };
}

/** Ways to answer wrongly, each of which must change nothing. */
export const WRONG_ANSWERS: Readonly<Record<string, Answer>> = {
  'status 500': (response) => response.writeHead(500).end('error'),
  'a page of HTML': (response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  'half a document': (response) => response.writeHead(200, JSON_TYPE).end('{"keys":['),
  'a redirect': (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
  'over 256 kB': (response) =>
    response.writeHead(200, JSON_TYPE).end(`{"keys":[]${' '.repeat(300_000)}}`),
  'a cut connection': (response) => response.destroy(),
};

/** Takes the request and says nothing. */
export const silent: Answer = () => {};

/** @param answer - what it does at first. */
export async function startKeyServer(answer: Answer): Promise<KeyServer> {
  let fetches = 0;
  const state = { answer };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((_request, response) => {
      fetches++;
      state.answer(response);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/jwks.json`,
    get fetches() {
      return fetches;
    },
    get answer() {
      return state.answer;
    },
    set answer(next: Answer) {
      state.answer = next;
    },
    goAway: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    comeBack: async () => {
      server = await listen(port);
    },
  };
}
