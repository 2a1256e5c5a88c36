import { catalogue } from '#kernel/refusal.ts';

/**
 * What is wrong with a town document. Each text names the places as JSON pointers (RFC 6901) and never repeats a value
 * that could be personal. Codes and texts are on the wire: add rows, never renumber or reword.
 */
export const townErrors = catalogue('BUD', {
  misfit: { code: 9200, status: 400, origin: 'budstikke', text: 'The town document does not fit its schema. {places}' },
  unknownMember: { code: 9201, status: 400, origin: 'budstikke', text: 'The town document has members that nobody knows: {places}' },
  badNumber: {
    code: 9202,
    status: 400,
    origin: 'budstikke',
    text: 'These numbers have wrong check digits or another kind than the party: {places}',
  },
  badAddress: { code: 9203, status: 400, origin: 'budstikke', text: 'These are not addresses of their channel: {places}' },
  duplicateKey: { code: 9204, status: 400, origin: 'budstikke', text: 'These items have the key of an item before them: {places}' },
  unknownParty: {
    code: 9205,
    status: 400,
    origin: 'budstikke',
    text: 'These name parties that are neither in the document nor known: {places}',
  },
  unknownRole: { code: 9206, status: 400, origin: 'budstikke', text: 'These roles do not exist: {places}' },
  unknownPackage: { code: 9207, status: 400, origin: 'budstikke', text: 'These access packages do not exist: {places}' },
  unknownResource: {
    code: 9208,
    status: 400,
    origin: 'budstikke',
    text: 'These name resources that are neither in the document nor known: {places}',
  },
  unknownAccessList: {
    code: 9209,
    status: 400,
    origin: 'budstikke',
    text: 'These name access lists that no town document has made: {places}',
  },
  wrongMember: { code: 9210, status: 400, origin: 'budstikke', text: 'These members do not go together: {places}' },
  liesAhead: { code: 9219, status: 400, origin: 'budstikke', text: 'These lie ahead, and are said when they have come: {places}' },
  policyUnread: { code: 9211, status: 400, origin: 'budstikke', text: 'These policies cannot be read: {places}' },
  confidentialContradicted: {
    code: 9212,
    status: 400,
    origin: 'budstikke',
    text: 'These contradict the readers of their resource, from which it follows whether it is confidential: {places}',
  },
  badReader: {
    code: 9213,
    status: 400,
    origin: 'budstikke',
    text: 'These are no readers; use role codes, package:…, self or organization: {places}',
  },
  badKey: { code: 9214, status: 400, origin: 'budstikke', text: 'These are not public keys that can verify a signature: {places}' },
  parentAboveItself: { code: 9215, status: 400, origin: 'budstikke', text: 'These units would lie above themselves: {places}' },
  codeTaken: { code: 9216, status: 400, origin: 'budstikke', text: 'These organization codes belong to other organizations: {places}' },
  impliedRole: {
    code: 9217,
    status: 400,
    origin: 'budstikke',
    text: 'Everybody holds these roles in their own matters and nobody at another party: {places}',
  },
  badRedirect: {
    code: 9240,
    status: 400,
    origin: 'budstikke',
    text: 'These are no addresses that a browser can be sent to: {places}',
  },
  notSystemUser: { code: 9218, status: 400, origin: 'budstikke', text: 'These ids belong to parties of another kind: {places}' },
});
