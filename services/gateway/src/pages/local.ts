import { edgeErrors } from '../errors.ts';
import type { PageRequest } from '../route/page.ts';

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?$/i;
const LOCAL_ADDRESS = /^(?:127(?:\.[0-9]{1,3}){3}|::1)$/;

/**
 * What shows the requests of others is for this machine alone: the client is on it, and asked for it
 * by a name that no other site's page can have (a rebound DNS name would be another), and through no
 * proxy. One that hides itself completely is taken for the client.
 *
 * @throws GatehouseError `gateway.not_found`.
 */
export function assertLocal({ host, address, throughProxy }: PageRequest): void {
  // To us, everyone behind a proxy or a tunnel on this machine has its address.
  const isLocal = !throughProxy && LOCAL_HOST.test(host ?? '') && LOCAL_ADDRESS.test(address);
  if (!isLocal) throw edgeErrors.NOT_FOUND();
}
