/** The verifier beside what teams would pick instead. */
import { startWork } from '../harness/processes.ts';
import type { Bench } from '../harness/types.ts';

const MODULE = new URL('works.ts', import.meta.url);

function subject(name: string) {
  return { name, start: (core: number) => startWork(core, { module: MODULE, name }) };
}

export const bench: Bench = {
  name: 'tokens',
  about: `Verification and minting on one core, each library in a process of its own, taking turns.

- *Cold*: no cache; 2,000 distinct tokens, four times a round. \`crypto.verify\` gets the signature decoded (ES256: as DER, which is Node's faster way) and does nothing else: it is the floor.
- *Cached*: 10,000 distinct tokens, verified before; each comes as a new string cut out of bytes, as from a request's head. Both caches have room for 20,000.
- gatehouse and jose fetch their keys from a server (a remote set); fast-jwt has a PEM.
- Each checks signature, algorithm, issuer, audience and times. gatehouse alone also checks form, kind, duplicate members and every claim; jose checks the kind.`,
  subjects: [
    'RS256 cold: crypto.verify',
    'RS256 cold: gatehouse',
    'RS256 cold: fast-jwt',
    'RS256 cold: jose, remote set',
    'ES256 cold: crypto.verify',
    'ES256 cold: gatehouse',
    'ES256 cold: fast-jwt',
    'ES256 cold: jose, remote set',
    'RS256 cached: gatehouse',
    'RS256 cached: fast-jwt',
    'ES256 mint: crypto.sign',
    'ES256 mint: gatehouse',
    'ES256 mint: jose',
    'ES256 mint: fast-jwt',
  ].map(subject),
  goals: [
    { subject: 'RS256 cold: gatehouse', baseline: 'RS256 cold: crypto.verify', atLeast: 0.86 },
    { subject: 'RS256 cold: gatehouse', baseline: 'RS256 cold: fast-jwt', atLeast: 1.1 },
    { subject: 'RS256 cold: gatehouse', baseline: 'RS256 cold: jose, remote set', atLeast: 2 },
    { subject: 'ES256 cold: gatehouse', baseline: 'ES256 cold: crypto.verify', atLeast: 0.9 },
    { subject: 'RS256 cached: gatehouse', baseline: 'RS256 cached: fast-jwt', atLeast: 1.2 },
    { subject: 'ES256 mint: gatehouse', baseline: 'ES256 mint: jose', atLeast: 1.5 },
  ],
};
