/** Every attack that is tried. */
import type { Attack } from './attack.ts';
import { ENVOY } from './envoy.ts';
import { GO_PARSER } from './go-parser.ts';
import { HAPROXY } from './haproxy.ts';
import { HTTP_PROXY } from './http-proxy.ts';
import { NGINX } from './nginx.ts';
import { NODE_PARSER } from './node-parser.ts';
import { OATHKEEPER } from './oathkeeper.ts';
import { TRAEFIK } from './traefik.ts';

export const CATALOGUE: readonly Attack[] = [
  ...NGINX,
  ...ENVOY,
  ...HAPROXY,
  ...OATHKEEPER,
  ...TRAEFIK,
  ...HTTP_PROXY,
  ...NODE_PARSER,
  ...GO_PARSER,
];

/** Published in the same years, and without a place here where they could be tried. */
export const NOT_TRIED: readonly (readonly [advisory: string, product: string, why: string])[] = [
  ['CVE-2024-53008', 'HAProxy', 'HTTP/3, which is not spoken here'],
  ['CVE-2024-49214', 'HAProxy', 'early data of QUIC, which is not spoken here'],
  ['CVE-2026-55203', 'HAProxy', 'FastCGI, which is not spoken here'],
  ['CVE-2025-23419', 'nginx', 'client certificates at the edge, which are not asked for here'],
  ['CVE-2022-29226', 'Envoy', 'the OAuth filter: nobody logs in at this gateway'],
  ['CVE-2024-39321', 'Traefik', 'early data of QUIC, which is not spoken here'],
];
