import { catalogue } from '#kernel/refusal.ts';

/** Refusals of access itself, all of our own range. Codes and texts are on the wire: add rows, never renumber or reword. */
export const accessErrors = catalogue('BUD', {
  partyReferenceInvalid: { code: 9100, status: 400, origin: 'budstikke', text: 'The party reference in {field} is not valid' },
  partyUnknown: { code: 9101, status: 404, origin: 'budstikke', text: 'The party in {field} was not found' },
  grantUnclear: {
    code: 9102,
    status: 400,
    origin: 'budstikke',
    text: 'Name either an access package or a resource. Actions and an instance belong to a resource only',
  },
  lastNameMissing: {
    code: 9839,
    status: 400,
    origin: 'budstikke',
    text: 'A person is named by national identity number and lastName together, or by urn:altinn:party:uuid',
  },
  systemUserOfOthers: { code: 9840, status: 400, origin: 'budstikke', text: 'The system user belongs to another organization' },
  packageUnknown: { code: 9103, status: 404, origin: 'budstikke', text: 'The access package was not found' },
  packageNotAssignable: {
    code: 9104,
    status: 400,
    origin: 'budstikke',
    text: 'This access package cannot be given. Give access to the resource itself',
  },
  resourceUnknown: { code: 9105, status: 404, origin: 'budstikke', text: 'The resource was not found' },
  actionUnknown: { code: 9106, status: 400, origin: 'budstikke', text: 'The resource does not know the action {action}' },
  untilPassed: { code: 9107, status: 400, origin: 'budstikke', text: 'The access would have ended already. Choose a later time' },
  recipientGone: { code: 9108, status: 400, origin: 'budstikke', text: 'Access cannot be given to a party that no longer exists' },
  recipientIsParty: { code: 9109, status: 400, origin: 'budstikke', text: 'A party needs no access to its own post' },
  mayNotGrant: { code: 9110, status: 403, origin: 'budstikke', text: 'You cannot give this access on behalf of this party' },
  callerNotPerson: { code: 9111, status: 403, origin: 'budstikke', text: 'Only a person that is known here can give or take away access' },
  guessedTooOften: {
    code: 9113,
    status: 429,
    origin: 'budstikke',
    text: 'Numbers and last names that do not belong together were tried too often. Try again later',
  },
  pageTokenUnreadable: { code: 9114, status: 400, origin: 'budstikke', text: 'The token is not one that this list has given' },
  grantNotFound: { code: 9112, status: 404, origin: 'budstikke', text: 'The access was not found' },
  confidentialContradicted: {
    code: 9121,
    status: 400,
    origin: 'budstikke',
    text: 'Resource {resource}: confidential does not fit its readers. Leave it out, or change the readers',
  },
  readerUnreadable: {
    code: 9122,
    status: 400,
    origin: 'budstikke',
    text: 'Resource {resource}: {reader} is no reader. Use role codes, package:…, self or organization',
  },
  senderUnreadable: {
    code: 9123,
    status: 400,
    origin: 'budstikke',
    text: 'Resource {resource}: {sender} is no sender. Use owner, any or organization numbers',
  },
  roleIsImplied: {
    code: 9124,
    status: 400,
    origin: 'budstikke',
    text: 'The role {role} is held by everybody in their own matters and is never given at another party',
  },
  grantDiffers: {
    code: 9131,
    status: 409,
    origin: 'budstikke',
    text: 'A grant with other actions or another end stands already. Take it away first',
  },
  loginTooLow: {
    code: 9790,
    status: 403,
    origin: 'budstikke',
    text: 'Log in at substantial level or higher to see who has access, to give it and to take it away',
  },
  notResourceOwner: { code: 9130, status: 404, origin: 'budstikke', text: 'No resource of this name belongs to you' },
});
