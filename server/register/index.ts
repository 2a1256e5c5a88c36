export { contactPoints, type KeptAddress, listAddresses, saveContactPoints } from './contact-points.ts';
export { isNationalIdentityNumber, isOrganizationNumber, kindOfIdentityNumber } from './numbers.ts';
export {
  type AgingAddress,
  confirmAddress,
  findOwnAddress,
  listOwnAddresses,
  lockAddresses,
  type OwnAddress,
  type ProvedAddress,
  removeAddress,
  saveProvedAddress,
  takeAging,
} from './own-addresses.ts';
export type { ContactPoint, Party, SaveContactPoints, SaveParty } from './party.ts';
export { type QuietHours, quietHoursOf, quietMinutes, quietUntil, saveQuietHours } from './quiet-hours.ts';
export { hasWrongCheckDigits, type PartyReference, parsePartyReference, partyUrn } from './references.ts';
export { onUnknownParties, resolveParties } from './resolve-parties.ts';
export { findParties, findParty, partiesByNumber, saveParties } from './store.ts';
