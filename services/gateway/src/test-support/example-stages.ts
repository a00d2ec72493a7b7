import { defineErrors } from '@gatehouse/errors';
import type { GatewayStages } from '../decide/stages.ts';

const shopErrors = defineErrors('shop', {
  CLOSED: ['UNAVAILABLE', 'The shop is closed for maintenance. Try again later.'],
});

/** Whether the shop is closed: in life, a flag that you read elsewhere. */
export const maintenance = { on: false };

export const stages: GatewayStages = {
  beforeDecision: [
    // Denies: throw an error of `defineErrors`.
    ({ verb }) => {
      if (maintenance.on && verb !== 'GET') throw shopErrors.CLOSED({ retryAfterSeconds: 60 });
    },
    // Tells the service something, as a header or as gRPC metadata.
    ({ header, setRequestHeader, subject }) => {
      const channel = header('x-channel') === 'app' ? 'app' : 'web';
      setRequestHeader('x-shop-channel', subject === undefined ? `${channel}-guest` : channel);
    },
  ],
  onResponse: [
    // Tells the client something, whatever the response is.
    (response, { route }) => {
      response.setHeader('x-shop-route', route.backend);
      if (response.status >= 500) response.setHeader('x-shop-help', 'status.shop.example');
    },
  ],
};
