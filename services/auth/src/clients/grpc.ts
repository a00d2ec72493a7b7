/** The contract for operators: each method handed to its use case. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Handlers, type Implementation, implement } from '@gatehouse/chassis';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import type { Suspension } from '../accounts/suspend.ts';
import { operatorOf } from '../common/grpc.ts';
import { grantMethods, suspensionMethods } from '../grants/grpc.ts';
import type { Grants } from '../grants/manage.ts';
import { keyMethods } from '../keys/grpc.ts';
import type { KeyRotation } from '../keys/rotate.ts';
import { type Clients, DEFAULT_OVERLAP_SECONDS } from './manage.ts';
import type { ClientKeys } from './manage-keys.ts';

export interface OperatorCases {
  readonly clients: Clients;
  readonly clientKeys: ClientKeys;
  readonly grants: Grants;
  readonly suspension: Suspension;
  readonly keys: KeyRotation;
}

export function operatorService(cases: OperatorCases): Implementation {
  return implement(OperatorService, {
    ...clientMethods(cases.clients),
    ...keyMethods(cases.keys),
    ...clientKeyMethods(cases.clientKeys),
    ...grantMethods(cases.grants),
    ...suspensionMethods(cases.suspension),
  });
}

type ClientMethods = Pick<
  Handlers<typeof OperatorService>,
  'createClient' | 'listClients' | 'rotateClientSecret' | 'disableClient'
>;

function clientMethods(clients: Clients): ClientMethods {
  return {
    async createClient({ name, scopes, workload, withoutSecret }, call) {
      const wanted = {
        name,
        scopes,
        withoutSecret,
        workload: workload === '' ? undefined : workload,
      };
      const { clientId, secret } = await clients.create(wanted, operatorOf(call));
      return { clientId, ...secret };
    },

    async listClients() {
      const listed = await clients.list();
      return {
        clients: listed.map(({ id, disabledAt, createdAt, secrets, workload = '', ...client }) => ({
          clientId: id,
          name: client.name,
          scopes: [...client.scopes],
          kids: [...client.kids],
          workload,
          createdAt: timestampFromDate(createdAt),
          ...(disabledAt === undefined ? {} : { disabledAt: timestampFromDate(disabledAt) }),
          secrets: secrets.map((secret) => ({
            secretId: secret.id,
            createdAt: timestampFromDate(secret.createdAt),
            ...(secret.expiresAt === undefined
              ? {}
              : { expiresAt: timestampFromDate(secret.expiresAt) }),
          })),
        })),
      };
    },

    async rotateClientSecret({ clientId, overlapSeconds = DEFAULT_OVERLAP_SECONDS }, call) {
      const rotation = { clientId, overlapSeconds };
      const { previousExpiresAt, ...secret } = await clients.rotate(rotation, operatorOf(call));
      return {
        ...secret,
        ...(previousExpiresAt === undefined
          ? {}
          : { previousExpiresAt: timestampFromDate(previousExpiresAt) }),
      };
    },

    async disableClient({ clientId }, call) {
      await clients.disable(clientId, operatorOf(call));
      return {};
    },
  };
}

function clientKeyMethods(
  keys: ClientKeys,
): Pick<Handlers<typeof OperatorService>, 'addClientKey' | 'removeClientKey'> {
  return {
    async addClientKey({ clientId, publicKey }, call) {
      return { kid: await keys.add({ clientId, publicKeySpki: publicKey }, operatorOf(call)) };
    },

    async removeClientKey({ clientId, kid }, call) {
      await keys.remove({ clientId, kid }, operatorOf(call));
      return {};
    },
  };
}
