/** Requests to the gateway, over connections that stay open. */
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** @throws Error for any other status than 200 and 201. */
export async function post<Answer>(url: string, body: object): Promise<Answer> {
  return JSON.parse(await send(url, { method: 'POST', body: JSON.stringify(body) })) as Answer;
}

/** @throws Error for any other status than 200. */
export async function get(url: string, token: string): Promise<void> {
  await send(url, { method: 'GET', token });
}

interface Sent {
  readonly method: string;
  readonly body?: string;
  readonly token?: string;
}

function send(url: string, { method, body, token }: Sent): Promise<string> {
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if ((response.statusCode ?? 0) < 300) resolve(text);
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
