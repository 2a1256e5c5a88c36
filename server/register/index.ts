export { isNationalIdentityNumber, isOrganizationNumber, kindOfIdentityNumber } from './numbers.ts';
export type { ContactPoint, Party, SaveContactPoints, SaveParty } from './party.ts';
export { type QuietHours, quietMinutes, quietUntil } from './quiet-hours.ts';
export { hasWrongCheckDigits, type PartyReference, parsePartyReference, partyUrn } from './references.ts';
export { onUnknownParties, resolveParties } from './resolve-parties.ts';
export { contactPoints, type KeptAddress, listAddresses, listUnkept, saveContactPoints, type UsedAddress } from './store/contact-point.ts';
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
} from './store/own-address.ts';
export { quietHoursOf, saveQuietHours } from './store/quiet-hours.ts';
export { listPredecessors, mostStandIns, type Predecessor, standInOf } from './store/stand-ins.ts';
export { findParties, findParty, partiesByNumber, saveParties } from './store.ts';
