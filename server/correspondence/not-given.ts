import type { correspondenceErrors } from './errors.ts';

/**
 * Codes of the catalogue that no operation gives, each with the reason. A code leaves this list with the operation that gives
 * it: a test holds the list against the routes of this feature and of statistics. Source: compatibility.md, correspondence, §1.5.
 */
export const notGiven: Readonly<Partial<Record<keyof typeof correspondenceErrors, string>>> = {
  // Belongs to operations that are here, and cannot come to pass.
  summaryNotPlainText: 'a summary may hold markup; the original notes it in its log',
  contentRequired: 'the shape demands content',
  invalidIdempotentKey: 'the shape says it in the same words, without the code',
  reservationLookupFailed: 'reservations stand in our own register, which does not fail alone',
  noDataLocation: 'bytes lie in one store, which no resource chooses',
  templateNotFound: 'each template is there in each language that a message may have',
  noStatus: 'a message always has a status',
  composedEmailFailed: 'a forwarding is accepted with its commit; a mail that comes to nothing is told in evidence',
  resourceLookupFailed: 'resources stand in our own database, which does not fail alone',
  // Retired in the original.
  negativePaging: 'lists have no pages any more',
  attachmentNotAvailable: 'the message is not found instead',
  ownerNotSetUp: 'an owner of a resource may send',
  alreadyMigrated: 'nothing is migrated',
  notificationNotFound: 'internal to the original',
  notificationDetailsNotFound: 'internal to the original',
  notificationFailed: 'internal to the original',
  invalidPartyId: 'of the operations of Altinn 2, which are gone',
  noAccessToCorrespondence: 'of the operations of Altinn 2, which are gone',
  noAccessToParty: 'of the operations of Altinn 2, which are gone',
  callerWithoutOrganization: 'of the operations of Altinn 2, which are gone',
  noEventsInRequest: 'of the operations of Altinn 2, which are gone',
};
