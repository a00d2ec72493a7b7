/** The operators' methods for clients. */
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Handlers } from '@gatehouse/chassis';
import type { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { operatorOf } from '../common/grpc.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { Clients } from './manage.ts';
import type { ClientKeys } from './manage-keys.ts';

type ClientMethods = Pick<
  Handlers<typeof OperatorService>,
  'createClient' | 'listClients' | 'rotateClientSecret' | 'disableClient'
>;

export function clientMethods(clients: Clients): ClientMethods {
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

    async rotateClientSecret({ clientId, overlapSeconds }, call) {
      const { clientSecretOverlapSeconds: usual } = LIFETIMES;
      const rotation = { clientId, overlapSeconds: overlapSeconds ?? usual };
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

export function clientKeyMethods(
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
