/**
 * The stages of your own in the gateway, in their order. This is the one place to add them, for the
 * gateway of a platform and for a standalone one; see `docs/guides/extend-the-gateway.md`.
 */
import type { GatewayStages } from './decide/stages.ts';

export const stages: GatewayStages = {
  beforeDecision: [],
  onResponse: [],
};
