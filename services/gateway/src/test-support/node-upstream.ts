import { request as send } from 'node:http';
import { edgeErrors } from '../errors.ts';
import type { UpstreamClient } from '../forward/http/upstream-client.ts';

const HOP = /^(?:connection|keep-alive|transfer-encoding|content-length|upgrade|trailer)$/i;

/** An upstream client on `node:http`, without pools: the slow and simple oracle of the real one. */
export function nodeUpstream(port: number): UpstreamClient {
  return {
    dispatch: (request, handler) => {
      const headers = [...request.headers];
      if (request.upgrade !== undefined)
        headers.push('connection', 'upgrade', 'upgrade', 'websocket');
      if (request.body?.length !== undefined)
        headers.push('content-length', `${request.body.length}`);
      else if (request.body !== undefined) headers.push('transfer-encoding', 'chunked');
      if (request.expectContinue) headers.push('expect', '100-continue');
      let over = false;
      let begun = false;
      const outgoing = send({
        host: '127.0.0.1',
        port,
        agent: false,
        method: request.method,
        path: request.target,
        headers,
      });
      const fail = (): void => {
        if (over) return;
        over = true;
        handler.onError(edgeErrors.UPSTREAM_AWAY(), begun ? 'after-head' : 'before-head');
      };
      const sendBody = (): void => {
        const { body } = request;
        if (body === undefined) return void outgoing.end();
        body.stream.on('data', (chunk) => {
          if (!outgoing.write(chunk)) body.stream.pause();
        });
        outgoing.on('drain', () => body.stream.resume());
        body.stream.on('end', () => {
          const trailers = request.trailers?.() ?? [];
          const pairs: [string, string][] = [];
          for (let i = 0; i + 1 < trailers.length; i += 2) {
            pairs.push([trailers[i] as string, trailers[i + 1] as string]);
          }
          if (pairs.length > 0) outgoing.addTrailers(pairs);
          outgoing.end();
        });
      };
      outgoing.on('error', fail);
      outgoing.on('information', ({ statusCode, rawHeaders }) => {
        if (!over) handler.onInformational(statusCode, rawHeaders);
      });
      outgoing.on('upgrade', (response, socket, head) => {
        if (over) return;
        over = true;
        handler.onUpgrade(101, endToEnd(response.rawHeaders), socket, head);
      });
      let answer: import('node:http').IncomingMessage | undefined;
      outgoing.on('response', (response) => {
        if (over) return;
        begun = true;
        answer = response;
        const length = response.headers['content-length'];
        handler.onHead(
          response.statusCode ?? 0,
          endToEnd(response.rawHeaders),
          length === undefined ? undefined : Number(length),
        );
        response.on('data', (chunk) => {
          if (!over && !handler.onData(chunk)) response.pause();
        });
        response.on('end', () => {
          if (over) return;
          over = true;
          handler.onEnd(response.rawTrailers);
        });
        response.on('error', fail);
      });
      if (request.expectContinue) {
        outgoing.flushHeaders();
        outgoing.on('continue', sendBody);
      } else {
        sendBody();
      }
      return {
        resume: () => void answer?.resume(),
        abort: () => {
          over = true;
          outgoing.destroy();
        },
      };
    },
  };
}

function endToEnd(headers: readonly string[]): string[] {
  return headers.filter((_, index) => !HOP.test(headers[index - (index % 2)] as string));
}
