/** One exchange of random size and pace: chosen from a number, sent through a gateway, and compared. */
import { createHash } from 'node:crypto';
import { type Agent, request as send } from 'node:http';
import { seededRandom } from '../../conformance/random.ts';
import { hashOf, type Pace, writeBody } from './bodies.ts';

interface Body {
  readonly seed: number;
  readonly size: number;
  readonly pace: Pace;
}

/** All that an exchange is, chosen from its seed. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly request: Body;
  readonly answer: Body;
  readonly chunkedRequest: boolean;
  readonly chunkedAnswer: boolean;
  /** The answer begins before the request has ended. */
  readonly duplex: boolean;
  /** The upstream closes its connection after it. */
  readonly closes: boolean;
  readonly expectsContinue: boolean;
}

/** What came of it. */
export interface Exchanged {
  readonly status: number;
  /** Which process answered; empty: none did. */
  readonly upstream: string;
  /** Undefined: all was equal. Else what was not, or how the connection broke. */
  readonly fault: string | undefined;
  /** The connection broke, so that nobody could take it for whole. */
  readonly broken: boolean;
}

const SMALL_BYTES = 32 * 1024;
const LARGE_BYTES = 1024 * 1024;

/** Sizes are spread over the orders of magnitude: as many below 100 bytes as between 3 and 30 kB. */
export function chooseExchange(seed: number): Exchange {
  const random = seededRandom(seed);
  const size = (): number => {
    const most = random.once(200) ? LARGE_BYTES : SMALL_BYTES;
    return random.once(20) ? 0 : Math.floor(most ** (random.below(1_000_000) / 1_000_000));
  };
  const pace = (): Pace =>
    random.once(50) ? 'with pauses' : random.pick(['at once', 'in pieces'] as const);
  const method = random.pick(['GET', 'POST', 'POST', 'PUT'] as const);
  const duplex = method !== 'GET' && random.once(4);
  return {
    method,
    request: { seed: seed * 2, size: method === 'GET' ? 0 : size(), pace: pace() },
    answer: { seed: seed * 2 + 1, size: size(), pace: pace() },
    chunkedRequest: random.once(2),
    chunkedAnswer: duplex || random.once(2),
    duplex,
    closes: random.once(100),
    expectsContinue: method !== 'GET' && random.once(20),
  };
}

/** What an upstream is asked in a target. */
export function exchangeOf(
  target: string,
): Pick<Exchange, 'answer' | 'duplex' | 'chunkedAnswer' | 'closes'> {
  const query = new URL(target, 'http://upstream').searchParams;
  const [seed = 0, size = 0] = (query.get('answer') ?? '').split('.').map(Number);
  return {
    answer: { seed, size, pace: (query.get('pace') ?? 'at once').replaceAll('_', ' ') as Pace },
    duplex: query.get('duplex') === 'true',
    chunkedAnswer: query.get('chunked') === 'true',
    closes: query.get('closes') === 'true',
  };
}

function targetOf(path: string, { answer, duplex, chunkedAnswer, closes }: Exchange): string {
  const pace = answer.pace.replaceAll(' ', '_');
  return `${path}?answer=${answer.seed}.${answer.size}&pace=${pace}&duplex=${duplex}&chunked=${chunkedAnswer}&closes=${closes}`;
}

/** Where exchanges go, and as whom. */
export interface Way {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
  readonly token: string;
}

const TIMEOUT_MS = 60_000;

/** Sends one. Never rejects. */
export function exchange(way: Way, chosen: Exchange): Promise<Exchanged> {
  const { agent, port, path, token } = way;
  const { method, request, answer, chunkedRequest, expectsContinue } = chosen;
  const hasBody = method !== 'GET';
  const sentHash = hasBody ? hashOf(request.seed, request.size) : '';
  const headers = {
    authorization: `Bearer ${token}`,
    ...(hasBody && !chunkedRequest ? { 'content-length': request.size } : {}),
    ...(hasBody && chunkedRequest ? { 'transfer-encoding': 'chunked', trailer: 'x-sent' } : {}),
    ...(expectsContinue ? { expect: '100-continue' } : {}),
  };
  return new Promise((resolve) => {
    const lost = (error: NodeJS.ErrnoException): void =>
      resolve({ status: 0, upstream: '', fault: error.code ?? error.message, broken: true });
    const target = targetOf(path, chosen);
    const sent = send({ agent, port, host: '127.0.0.1', method, path: target, headers }, (from) => {
      const { statusCode: status = 0 } = from;
      const upstream = String(from.headers['x-upstream'] ?? '');
      const hash = createHash('sha256');
      let size = 0;
      const broken = (error: Error): void =>
        resolve({ status, upstream, fault: error.message, broken: true });
      from.on('data', (chunk: Buffer) => {
        hash.update(chunk);
        size += chunk.length;
      });
      from.on('error', broken);
      from.on('end', () => {
        const said = (name: string) => from.trailers[name] ?? from.headers[name];
        const fault =
          status !== 200
            ? `status ${status}`
            : hash.digest('base64url') !== hashOf(answer.seed, answer.size)
              ? `the answer is another one: ${size} bytes instead of ${answer.size}`
              : hasBody && said('x-received') !== sentHash
                ? 'what arrived is not what was sent'
                : hasBody && chunkedRequest && said('x-trailer') !== sentHash
                  ? 'the trailer did not arrive'
                  : undefined;
        resolve({ status, upstream, fault, broken: false });
      });
    });
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('not in time')));
    sent.on('error', lost);
    if (!hasBody) {
      sent.end();
      return;
    }
    const write = async (): Promise<void> => {
      await writeBody(sent, request);
      if (chunkedRequest) sent.addTrailers({ 'x-sent': sentHash });
      sent.end();
    };
    if (expectsContinue) {
      sent.flushHeaders();
      sent.once('continue', () => void write());
    } else void write();
  });
}
