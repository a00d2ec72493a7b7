/**
 * An upstream that keeps every byte it is sent, by connection, and answers as it is told. It is made of
 * sockets alone, so that no parser of ours or of node stands between the wire and the record.
 */
import { createServer, type Socket } from 'node:net';
import { readStrictly, type StrictRequest } from './strict-request.ts';

/** What is done about one request; writes to the socket, or ends it. */
export type AnswerScript = (request: StrictRequest, socket: Socket) => void;

/** What came on one connection. */
export interface Recorded {
  readonly bytes: Buffer;
  readonly isClosed: boolean;
}

/** An upstream and its record. */
export interface RecordingUpstream {
  readonly port: number;
  /** What came on each connection since the last `forget`, in order of their beginning. */
  received(): readonly Recorded[];
  /** Requests that could be read, of all connections. */
  requests(): readonly StrictRequest[];
  /** How many connections are open. */
  openConnections(): number;
  forget(): void;
  /** From now on. Default: `echo`. */
  answerWith(script: AnswerScript): void;
  /** Whether it stops to read, on old connections and on new ones. */
  hold(isHeld: boolean): void;
  /** Sends this on every open connection, though nobody asked. */
  say(text: string): void;
  close(): Promise<void>;
}

/** Answers 200, and says in its body which request it answers. */
export const echo: AnswerScript = ({ method, target, body }, socket) => {
  const text = method === 'HEAD' ? '' : `${method} ${target} ${body.length}`;
  socket.write(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
};

/** Listens at a free port of the loopback. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const records = new Map<Socket, Buffer[]>();
  const open = new Set<Socket>();
  let script = echo;
  let isHeld = false;
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    const answered = { upTo: 0 };
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      if (!records.has(socket)) {
        records.set(socket, []);
        answered.upTo = 0;
      }
      records.get(socket)?.push(chunk);
      const { requests, fault } = readStrictly(Buffer.concat(records.get(socket) ?? []));
      for (; answered.upTo < requests.length; answered.upTo += 1) {
        script(requests[answered.upTo] as StrictRequest, socket);
      }
      if (fault !== undefined) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    if (isHeld) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const received = () =>
    [...records].map(([socket, chunks]) => ({
      bytes: Buffer.concat(chunks),
      isClosed: !open.has(socket),
    }));
  return {
    port,
    received,
    requests: () => received().flatMap(({ bytes }) => readStrictly(bytes).requests),
    openConnections: () => open.size,
    forget: () => records.clear(),
    answerWith: (next) => {
      script = next;
    },
    hold: (next) => {
      isHeld = next;
      for (const socket of open) next ? socket.pause() : socket.resume();
    },
    say: (text) => {
      for (const socket of open) socket.write(text);
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
