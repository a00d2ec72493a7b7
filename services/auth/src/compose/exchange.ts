/** The use cases of token exchange. */
import type { PassportGate, ServiceContext } from '@gatehouse/chassis';
import { createMintPassport, createVerifyPersonPassport } from '../adapters/passports.ts';
import { createCreateGrant } from '../application/exchange/create-grant.ts';
import { createDrawPassport } from '../application/exchange/draw-passport.ts';
import { createWorkloadPassport } from '../application/exchange/workload-passport.ts';
import type { ExchangeParts } from '../transport/oauth/exchange.ts';
import type { Parts } from './parts.ts';

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
