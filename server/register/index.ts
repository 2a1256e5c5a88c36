export { isNationalIdentityNumber, isOrganizationNumber, kindOfIdentityNumber } from './numbers.ts';
export type { ContactPoint, Party, SaveContactPoints, SaveParty } from './party.ts';
export { hasWrongCheckDigits, type PartyReference, parsePartyReference, partyUrn } from './references.ts';
export { onUnknownParties, resolveParties } from './resolve-parties.ts';
export { contactPoints, findParties, findParty, partiesByNumber, saveContactPoints, saveParties } from './store.ts';
