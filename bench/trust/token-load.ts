/** Client credentials as fast as a token endpoint gives tokens. */
import { Agent, request } from 'node:http';
import type { Sample } from '../harness/types.ts';

/** A token endpoint and who asks it. */
export interface TokenEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const AT_ONCE = 32;
const FORM = 'grant_type=client_credentials&scope=asset%3Aupdate';
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** A closed loop: so many requests are always under way. */
export async function tokensFor(
  endpoint: TokenEndpoint,
  durationMs: number,
): Promise<Omit<Sample, 'cpuSeconds'>> {
  const startedMs = performance.now();
  const tookMs: number[] = [];
  const worker = async (): Promise<void> => {
    while (performance.now() - startedMs < durationMs) {
      const askedMs = performance.now();
      await tokenFrom(endpoint);
      tookMs.push(performance.now() - askedMs);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const seconds = (performance.now() - startedMs) / 1_000;
  tookMs.sort((a, b) => a - b);
  const p99Ms = tookMs[Math.ceil(tookMs.length * 0.99) - 1] ?? 0;
  return { operations: tookMs.length, extras: { perSecond: tookMs.length / seconds, p99Ms } };
}

/** @throws Error for any answer that holds no JWT. */
export function tokenFrom({ url, clientId, clientSecret }: TokenEndpoint): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const headers = {
    authorization,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': FORM.length,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const token = /"access_token":"([\w-]+\.[\w-]+\.[\w-]+)"/.exec(text)?.[1];
        if (token === undefined) reject(new Error(`${url}: ${response.statusCode}`));
        else resolve(token);
      });
    });
    sent.on('error', reject);
    sent.end(FORM);
  });
}
