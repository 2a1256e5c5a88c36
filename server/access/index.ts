export { type AccessChange, announceAccessChanges, lastAccessChanges, onAccessChanged, onPolicyChanged } from './announce.ts';
export { auditErrors } from './audit/errors.ts';
export { notingRefusals } from './audit/note-refused.ts';
export { showWhoHasSeen } from './audit/show-audit.ts';
export { AuditPage } from './audit/wire.ts';
export { authorizeErrors } from './authorize/errors.ts';
export { explain } from './authorize/explain.ts';
export { Explained } from './authorize/wire.ts';
export type { Covered as CoveredRight } from './coverage/find-coverage.ts';
export { type CoveredUnit, type Lying, readCoverage } from './coverage/read-coverage.ts';
export type { Face } from './coverage/store.ts';
export { asItself } from './decide/as-itself.ts';
export type { Opener } from './decide/holdings.ts';
export { inPlaceOf, isInPlaceOf, mayLookAfterEach, predecessorsOf } from './decide/look-after.ts';
export { type Decision, may, mayEach, type Question } from './decide/may.ts';
export type { OpenabilityClass } from './decide/openability.ts';
export { type SendsAs, sendsFor } from './decide/sends-for.ts';
export { type Need, type Openability, type Thing, whoCanOpen } from './decide/who-can-open.ts';
export { delegationErrors } from './delegation/errors.ts';
export { type DelegationRequest, listPendingRequests } from './delegation/requests/store.ts';
export { givingScope } from './delegation/scopes.ts';
export { describeReaders, type ReaderWords } from './describe-readers.ts';
export { accessErrors } from './errors.ts';
export { createGrant } from './grants/create-grant.ts';
export { endWithRoles } from './grants/end-with-grants.ts';
export { expireGrants } from './grants/expire-grants.ts';
export { type GivingTogether, giveTogether, type TogetherWish } from './grants/give-together.ts';
export { viewOf as grantView } from './grants/list-grants.ts';
export { revokeGrant } from './grants/revoke-grant.ts';
export { administers, mayShare, packagesToGive, reachesAdministering } from './grants/right-to-give.ts';
export { untilOf } from './grants/until.ts';
export { GrantView } from './grants/wire.ts';
export { policyErrors } from './policies/errors.ts';
export { type ImportedPolicy, readPolicy } from './policies/read-policy.ts';
export type { Match, Rule, Target } from './policy.ts';
export { onUnknownResources, resolveResource, type UnknownResource } from './resolve-resource.ts';
export type { Resource, ResourceType, SaveResource } from './resource.ts';
export { saveResources } from './seed/save-resources.ts';
export { type SystemUser, type SystemUserRight, saveSystemUsers } from './seed/save-system-users.ts';
export { seedAccess } from './seed/seed-access.ts';
export { readSeedDocument, type SeedDocument } from './seed/seed-document.ts';
export { configureAccess } from './settings.ts';
export { replaceClientDelegations } from './store/client-delegations.ts';
export { listFallbacks } from './store/fallbacks.ts';
export { listGone } from './store/gone.ts';
export {
  findNextGrantExpiry,
  findPackageNames,
  type GivenItem,
  type Grant,
  itemsGivenTo,
  type SaveGrant,
  saveGrants,
} from './store/grants.ts';
export { listOtherRoles, saveGuardianships } from './store/guardians.ts';
export { partiesWithRole } from './store/held-roles.ts';
export { findKeepUnreadDays } from './store/keeping.ts';
export { listKeyRoleHolders, listLed } from './store/key-roles.ts';
export { saveLadderOfResource } from './store/ladder.ts';
export { type AccessList, listOutside, saveAccessLists } from './store/lists.ts';
export { type Opening, recordOpening } from './store/openings.ts';
export { type RegisteredRoles, replaceRegisteredRoles } from './store/registered-roles.ts';
export { findResource, findResources, listOwned, listPerhapsOpen } from './store/resources.ts';
export {
  endRoleAssignments,
  listUnknownNames,
  type Position,
  partiesOf,
  positionsOf,
  type RoleAssignment,
  saveRoleAssignments,
} from './store/roles.ts';
export { timeOutRequests } from './system-users/show-system-users.ts';
export { findSystemUserOfClient, listSystemsThatActFor, registeredAmong, type SystemOf } from './system-users/store.ts';
