/** Asks a process whether it is ready. */
import { get } from 'node:http';

const TIMEOUT_MS = 2_000;

/** True when `GET /readyz` on the admin port responds with 200. Never rejects. */
export function isReadyAt(adminPort: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      { host: '127.0.0.1', port: adminPort, path: '/readyz', agent: false, timeout: TIMEOUT_MS },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.once('timeout', () => request.destroy(new Error('timeout')));
    request.once('error', () => resolve(false));
  });
}
