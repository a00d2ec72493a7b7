/** The use cases of token exchange. */
import type { PassportGate, ServiceContext } from '@gatehouse/chassis';
import type { Parts } from '../keys/compose.ts';
import { createCreateGrant } from './create.ts';
import { createDrawPassport } from './draw-passport.ts';
import type { ExchangeParts } from './http.ts';
import { createMintPassport, createVerifyPersonPassport } from './passports.ts';
import { createWorkloadPassport } from './workload-passport.ts';

export function buildExchange(
  context: ServiceContext,
  parts: Parts & { readonly passports: PassportGate },
): ExchangeParts {
  const { clock, trustDomain, identity } = context;
  const { store, newId, keys } = parts;
  const key = () => keys.passport;
  const mintPassport = createMintPassport({ key, identity, trustDomain });
  const minting = { store, newId, clock, mintPassport };
  const verifyPassport = createVerifyPersonPassport((token) => parts.passports.verify(token));
  return {
    trustDomain,
    workloadPassport: createWorkloadPassport(minting),
    createGrant: createCreateGrant({ store, newId, clock, identity, verifyPassport }),
    drawPassport: createDrawPassport(minting),
  };
}
