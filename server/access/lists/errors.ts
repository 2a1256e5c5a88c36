import { catalogue } from '#kernel/refusal.ts';

/** What access lists refuse, all of our own: the original answers by status alone. Source: compatibility.md, platform, §2.9. */
export const listErrors = catalogue('BUD', {
  listNotFound: { code: 9192, status: 404, origin: 'budstikke', text: 'The access list was not found' },
  notListOwner: { code: 9193, status: 403, origin: 'budstikke', text: 'The token does not belong to the owner of these access lists' },
  listChanged: { code: 9194, status: 412, origin: 'budstikke', text: 'The access list is no longer what If-Match or If-None-Match says' },
  listIdentifierInvalid: {
    code: 9195,
    status: 400,
    origin: 'budstikke',
    text: 'An identifier of an access list has 1 to 100 characters of a-z, 0-9, _ and -, and begins with a letter or digit',
  },
  patchInvalid: {
    code: 9196,
    status: 400,
    origin: 'budstikke',
    text: 'The patch must replace or test /name and /description with texts, and leave a name',
  },
  memberUnknown: { code: 9197, status: 400, origin: 'budstikke', text: 'These are no organizations that are known: items {places}' },
  connectionResourceUnknown: {
    code: 9198,
    status: 404,
    origin: 'budstikke',
    text: 'No resource of this name belongs to the owner of the list',
  },
  connectionNotFound: { code: 9199, status: 404, origin: 'budstikke', text: 'The access list is not connected to the resource' },
  membershipPartyUnknown: { code: 9780, status: 404, origin: 'budstikke', text: 'The party was not found' },
  tooManyMembers: { code: 9781, status: 400, origin: 'budstikke', text: 'An access list has at most 50000 members' },
  patchTestFailed: { code: 9782, status: 409, origin: 'budstikke', text: 'A test of the patch is not met' },
});
