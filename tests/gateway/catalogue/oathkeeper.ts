import { SPOOF } from '../support/judge.ts';
import { type Attack, get } from './attack.ts';

const product = 'Oathkeeper';

/** Published for Ory Oathkeeper. */
export const OATHKEEPER: readonly Attack[] = [
  {
    advisory: 'CVE-2021-32701',
    product,
    kind: 'confused decisions',
    what: 'a token found good for one scope is cached, and is good for each',
    wire: 'test',
    outcome: 'refused',
  },
  {
    advisory: 'GHSA-4mq7-pvjg-xp2r',
    product,
    kind: 'confused decisions',
    what: "one issuer's token is cached, and is good where another issuer's is asked for",
    wire: 'test',
    outcome: 'refused',
  },
  {
    advisory: 'GHSA-p224-6x5r-fjpm',
    product,
    kind: 'confused paths',
    what: 'rules see the path as sent, and services the path without its dots',
    wire: 'http/1.1',
    outcome: 'refused',
    seen: true,
    variants: [get('/public/../admin/secrets'), get('/public/x/../../admin/secrets')],
  },
  {
    advisory: 'GHSA-vhr5-ggp3-qq85',
    product,
    kind: 'spoofed headers',
    what: 'X-Forwarded-Proto is believed though forwarding headers are not to be',
    wire: 'http/1.1',
    outcome: 'neutralised',
    seen: true,
    variants: [
      get('/public/a', `X-Forwarded-Proto: ${SPOOF}`),
      get('/public/a', `X-Forwarded-Method: ${SPOOF}`, `X-Forwarded-Uri: ${SPOOF}`),
    ],
  },
];
