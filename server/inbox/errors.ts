import { catalogue } from '#kernel/refusal.ts';

/** Codes and texts are on the wire: add rows, never renumber or reword. Ours, 9550 to 9589. */
export const inboxErrors = catalogue('BUD', {
  placeNotValid: { code: 9550, status: 400, origin: 'budstikke', text: 'The place is not one that this list has given. Begin it anew' },
  partyNotYours: { code: 9551, status: 404, origin: 'budstikke', text: 'You act for no party with this id' },
  entryNotFound: { code: 9552, status: 404, origin: 'budstikke', text: 'There is no message or file with this id that you may open' },
  tooManyParties: { code: 9553, status: 400, origin: 'budstikke', text: 'You act for more than {most} parties: choose one to search in' },
  tooManyLabels: { code: 9554, status: 400, origin: 'budstikke', text: 'An entry has at most {most} labels. Take one away first' },
  readsOnly: {
    code: 9556,
    status: 403,
    origin: 'budstikke',
    text: 'This was shared with you to read. Folders and labels are for those who have access to the post of its recipient',
  },
  personsOnly: { code: 9555, status: 403, origin: 'budstikke', text: 'Only a person that is known here has an inbox' },
});
