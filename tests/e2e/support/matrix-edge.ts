/** A caller at the edge, from an address of its own, since the gateway counts bad tokens by address. */
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import type { MethodContract } from '@gatehouse/contracts';
import { target } from './config.ts';
import type { Outcome } from './matrix-expected.ts';
import type { EdgeShown } from './matrix-kinds.ts';

const TIMEOUT_MS = 20_000;

/** Requests from one address. */
export interface EdgeCalls {
  /** Sends the least request that the method's path takes, and says how it was received. */
  outcome(method: MethodContract, shown: EdgeShown): Promise<Outcome>;
  close(): void;
}

/** @param address - of the loopback network: `127.0.0.17`. */
export function edgeCallsFrom(address: string): EdgeCalls {
  const agent = new Agent({ keepAlive: true, maxSockets: 2, localAddress: address });
  return {
    outcome: async (method, shown) => outcomeOf(await send(agent, method, shown)),
    close: () => agent.destroy(),
  };
}

interface Answer {
  readonly status: number;
  readonly code: string;
}

function send(agent: Agent, method: MethodContract, shown: EdgeShown): Promise<Answer> {
  const { verb, path, hasBody } = lineOf(method, shown.atGrpcPath ?? false);
  const options = {
    agent,
    method: verb,
    timeout: TIMEOUT_MS,
    headers: {
      ...(hasBody ? { 'Content-Type': 'application/json', 'Content-Length': '2' } : {}),
      ...(shown.token === undefined ? {} : { Authorization: `Bearer ${shown.token}` }),
      ...shown.headers,
    },
  };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, target().edges[0]), options, (answer) => {
      const { statusCode: status = 0, headers } = answer;
      if (!(headers['content-type'] ?? '').startsWith('application/problem+json')) {
        answer.resume().on('end', () => resolve({ status, code: '' }));
        return;
      }
      json(answer).then(
        (problem) => resolve({ status, code: (problem as { code: string }).code }),
        reject,
      );
    });
    sent.on('timeout', () => sent.destroy(new Error(`${verb} ${path} took too long`)));
    sent.on('error', reject);
    sent.end(hasBody ? '{}' : undefined);
  });
}

function lineOf({ http, grpcPath }: MethodContract, atGrpcPath: boolean) {
  if (http === undefined || atGrpcPath) return { verb: 'POST', path: grpcPath, hasBody: true };
  const path = http.template.replaceAll(/\{(\w+)\}/g, (_, field: string) => `no-${field}`);
  return { verb: http.verb, path: path.replaceAll('_', '-'), hasBody: http.body === '*' };
}

const REFUSALS = /^(access\.|gateway\.(invalid_token|not_found|method_not_allowed)$)/;

function outcomeOf({ status, code }: Answer): Outcome {
  if (REFUSALS.test(code)) return `${code}${isRight(status, code) ? '' : ` with ${status}`}`;
  // What the fields or the domain say: the call was admitted.
  if (status < 500 && status !== 429 && !code.startsWith('gateway.')) return 'allow';
  return `failed: ${status} ${code}`;
}

function isRight(status: number, code: string): boolean {
  if (code.startsWith('gateway.not')) return status === 404;
  if (/token$|not_signed_in$/.test(code)) return status === 401;
  return code === 'access.stale' ? status === 503 : status === 403;
}
