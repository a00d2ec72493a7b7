/** The methods for keys: registration by gateways, and those of operators. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import {
  type KeyInfoSchema,
  KeyPurpose,
  KeyState,
  type OperatorService,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { commonErrors } from '@gatehouse/errors';
import { operatorOf, originOf } from '../common/grpc.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { RegisterPassportKey } from './register.ts';
import type { KeyReport, KeyRotation } from './rotate.ts';

export function registrationMethods(
  registerPassportKey: RegisterPassportKey,
): Pick<Handlers<typeof AuthService>, 'registerPassportKey'> {
  return {
    async registerPassportKey({ publicKey, proof }, call) {
      const registration = { caller: call.caller, publicKeySpki: publicKey, proof };
      const key = await registerPassportKey(registration, originOf(call));
      return {
        kid: key.kid,
        issuer: key.issuer,
        leaseExpiresAt: timestampFromDate(key.leaseExpiresAt),
        heartbeatSeconds: LIFETIMES.passportKeyHeartbeatSeconds,
      };
    },
  };
}

type KeyMethods = Pick<
  Handlers<typeof OperatorService>,
  'rotateKeys' | 'listKeys' | 'revokePassportKey' | 'rewrapKeys'
>;

export function keyMethods(keys: KeyRotation): KeyMethods {
  return {
    async rotateKeys({ purpose, emergency, waitSeconds }, call) {
      const request = {
        purpose: purposeOf(purpose),
        emergency,
        ...(waitSeconds === undefined ? {} : { waitSeconds }),
      };
      return { key: keyInfo(await keys.rotate(request, operatorOf(call))) };
    },

    async listKeys() {
      return { keys: (await keys.list()).map(keyInfo) };
    },

    async revokePassportKey({ kid }, call) {
      await keys.revokePassportKey(kid, operatorOf(call));
      return {};
    },

    async rewrapKeys(_request, call) {
      return { count: await keys.rewrap(operatorOf(call)) };
    },
  };
}

const PURPOSES = { access: KeyPurpose.ACCESS, passport: KeyPurpose.PASSPORT } as const;

const STATES = {
  published: KeyState.PUBLISHED,
  signing: KeyState.SIGNING,
  retiring: KeyState.RETIRING,
  retired: KeyState.RETIRED,
  revoked: KeyState.REVOKED,
} as const;

// The contract has rejected others; if the two ever differ, nothing is half done.
function purposeOf(purpose: KeyPurpose): KeyReport['purpose'] {
  if (purpose === KeyPurpose.ACCESS) return 'access';
  if (purpose === KeyPurpose.PASSPORT) return 'passport';
  throw commonErrors.INVALID_INPUT();
}

function keyInfo(key: KeyReport): MessageInitShape<typeof KeyInfoSchema> {
  const { kid, purpose, state, gateway = '', publishedUntil } = key;
  return {
    kid,
    purpose: PURPOSES[purpose],
    state: STATES[state],
    gateway,
    createdAt: timestampFromDate(key.createdAt),
    signsFrom: timestampFromDate(key.signsFrom),
    ...(publishedUntil === undefined ? {} : { publishedUntil: timestampFromDate(publishedUntil) }),
  };
}
