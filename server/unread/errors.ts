import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9711 to 9729 and 9731 to 9739. */
export const unreadErrors = catalogue('BUD', {
  placeNotValid: { code: 9711, status: 400, origin: 'budstikke', text: 'The place to go on from is not one that a former answer gave' },
  sendersOnly: {
    code: 9712,
    status: 403,
    origin: 'budstikke',
    text: 'Only an organization, by its own client, is told of all that it has sent',
  },
  periodNotValid: { code: 9713, status: 400, origin: 'budstikke', text: 'A period ends after it begins and is at most {days} days long' },
  sealedNotFound: {
    code: 9714,
    status: 404,
    origin: 'budstikke',
    text: 'There is no sealed post with this id that you could give access to',
  },
  sourceMissing: { code: 9716, status: 400, origin: 'budstikke', text: 'Say where it was read, and by what that is known' },
  recipientUnknown: { code: 9717, status: 404, origin: 'budstikke', text: 'Nobody is known by the number that it is to be sent to' },
  notResendable: { code: 9718, status: 409, origin: 'budstikke', text: 'It cannot be sent anew: the recipient {why}' },
  notDecidedNow: { code: 9719, status: 503, origin: 'budstikke', text: 'It could not be decided now. Send the same again' },
  notForFiles: {
    code: 9720,
    status: 400,
    origin: 'budstikke',
    text: 'About a file decides whoever may send files',
  },
  addressNotValid: { code: 9721, status: 400, origin: 'budstikke', text: 'An address is not that of one mailbox' },
  routineNotSet: { code: 9722, status: 404, origin: 'budstikke', text: 'No routine is set' },
  linkNotValid: { code: 9723, status: 404, origin: 'budstikke', text: 'The link is not valid, or is more than a week old' },
  metricsKeyWrong: { code: 9724, status: 401, origin: 'budstikke', text: 'The token for the metrics is missing or wrong' },
  notForMessages: { code: 9725, status: 403, origin: 'budstikke', text: 'About a message decides whoever may send messages' },
  kindNotYours: {
    code: 9726,
    status: 403,
    origin: 'budstikke',
    text: 'Your token may send none of this post, and decides about none of it',
  },
  stillMeasuring: {
    code: 9727,
    status: 429,
    origin: 'budstikke',
    text: 'Another period is being measured for you. Ask again when that is done',
  },
  notInItsPlace: {
    code: 9728,
    status: 404,
    origin: 'budstikke',
    text: 'Your organization has not taken the place of one with this number that is gone',
  },
  notToAnother: {
    code: 9729,
    status: 403,
    origin: 'budstikke',
    text: 'Whoever stands in for a sender that is gone sends anew to the same recipient alone',
  },
  narrowedToNobody: {
    code: 9731,
    status: 400,
    origin: 'budstikke',
    text: 'Nobody is known by number {place} of the recipients',
  },
  packageNotOfSealed: { code: 9715, status: 400, origin: 'budstikke', text: 'The access package does not open this post' },
});
