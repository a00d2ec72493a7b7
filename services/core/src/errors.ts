import { defineErrors } from '@gatehouse/errors';

export const coreErrors = defineErrors('core', {
  NO_ASSET: ['NOT_FOUND', 'You have no asset yet.'],
  ASSET_BEGUN: ['ALREADY_EXISTS', 'There is an asset already, which began with another amount.'],
  ASSET_KNOWN: ['ALREADY_EXISTS', 'This person has an asset already.'],
  NO_CLIENT: ['FAILED_PRECONDITION', 'Core has no client with which it could call extension.'],
  EXTENSION_REFUSED: ['FAILED_PRECONDITION', 'Extension cannot update this asset.'],
  EXTENSION_ANSWER: ['UNAVAILABLE', 'Extension sent an invalid response.'],
});
