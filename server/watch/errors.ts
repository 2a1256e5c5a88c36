import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9400 to 9499. */
export const watchErrors = catalogue('BUD', {
  personsOnly: {
    code: 9401,
    status: 403,
    origin: 'budstikke',
    text: 'Only a person who is logged in can see where they could grant access',
  },
  placeNotValid: { code: 9402, status: 400, origin: 'budstikke', text: 'The place to go on from is not one that a former answer gave' },
  alreadyOpened: {
    code: 9403,
    status: 409,
    origin: 'budstikke',
    text: 'The message has been opened. It can be accepted as it is, and nothing else is left to decide',
  },
  alreadyEnded: { code: 9404, status: 409, origin: 'budstikke', text: 'The watch over the message has ended already: {outcome}' },
  decidedOtherwise: {
    code: 9405,
    status: 409,
    origin: 'budstikke',
    text: 'The sender has decided already, otherwise or by another name or for another reason',
  },
  notPublished: {
    code: 9406,
    status: 409,
    origin: 'budstikke',
    text: 'The message is not published yet. It can be recalled, and not be accepted as unread',
  },
  watchMissing: {
    code: 9407,
    status: 503,
    origin: 'budstikke',
    text: 'What keeps watch over this post is missing, and nothing was decided. Whoever runs the service has been told; decide when it is mended',
  },
});
