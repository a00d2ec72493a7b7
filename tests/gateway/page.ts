/** The page docs/security/published-attacks.md, made of the catalogue. */
import { type Attack, KINDS } from './catalogue/attack.ts';
import { CATALOGUE, NOT_TRIED } from './catalogue/catalogue.ts';

const INTRODUCTION = `# Published attacks on gateways

What was published in the years 2021 to 2026 for nginx, Envoy, HAProxy, Oathkeeper, Traefik and \`http-proxy\`, and
for the parsers that these stand on, by which another request reaches the service than the one that was
decided on. Each is tried on the real gateway, before an upstream that keeps every byte. Made by
\`node tools/published-attacks.mjs\` from tests/gateway/catalogue; \`npm run check\` compares.

What must hold is the same for all: **what arrives is what the rule was decided on, or nothing.** A judge that
knows no attack reads what arrived as the strictest server would (one framing, one Host, no line end that is
not CR LF), reads its path in each way that some server does, and looks whether the passport was
minted for that; and the next request of somebody innocent must get its own answer.

- **refused**: nothing arrived.
- **neutralised**: it arrived (of several variants at least one) with what was meant to harm left out, or as the plain
  bytes that it is.
- **seen**: behind a proxy that is lenient on purpose the same bytes get through, and the judge says so: the check
  can fail (tests/gateway/oracle.test.ts). For the others it would take that very program to show it.`;

/** @throws Error when an advisory is listed twice for one product, or a kind has no attack. */
export function pageOf(): string {
  const seen = new Set<string>();
  for (const { advisory, product } of CATALOGUE) {
    if (seen.has(`${advisory} ${product}`)) throw new Error(`${advisory} is listed twice`);
    seen.add(`${advisory} ${product}`);
  }
  return [
    INTRODUCTION,
    ...KINDS.map((kind) => sectionOf(kind)),
    '## Not tried',
    table(
      ['Published', 'For', 'Why'],
      NOT_TRIED.map(([advisory, product, why]) => [linkOf(advisory), product, why]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function sectionOf(kind: (typeof KINDS)[number]): string {
  const attacks = CATALOGUE.filter((attack) => attack.kind === kind);
  if (attacks.length === 0) throw new Error(`no attack is of the kind ${kind}`);
  const title = kind.charAt(0).toUpperCase() + kind.slice(1);
  const rows = attacks.map((attack) => [
    linkOf(attack.advisory),
    attack.product,
    attack.what,
    triedBy(attack),
    attack.outcome,
  ]);
  return `## ${title}\n\n${table(['Published', 'For', 'What happened there', 'Tried by', 'Here'], rows)}`;
}

function triedBy(attack: Attack): string {
  if (attack.wire === 'test') return 'a test of its own';
  const count = attack.variants.length;
  const by = attack.wire === 'answer' ? 'answers of the upstream' : attack.wire.toUpperCase();
  const seen = attack.wire === 'http/1.1' && attack.seen ? ', seen' : '';
  return `${by}, ${count} ${count === 1 ? 'variant' : 'variants'}${seen}`;
}

function linkOf(advisory: string): string {
  const base = advisory.startsWith('CVE-')
    ? 'https://nvd.nist.gov/vuln/detail/'
    : 'https://github.com/advisories/';
  return `[${advisory}](${base}${advisory})`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, columns.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
