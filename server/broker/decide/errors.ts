import { catalogue } from '#kernel/refusal.ts';

/** Of our own operations: 9960 to 9969. */
export const decideErrors = catalogue('BUD', {
  notSent: {
    code: 9960,
    status: 404,
    origin: 'budstikke',
    text: 'There is no file transfer with this id that you have sent to this recipient',
  },
  notYours: { code: 9961, status: 404, origin: 'budstikke', text: 'There is no file transfer with this id that you have sent' },
  nobodyToRecallFrom: {
    code: 9962,
    status: 409,
    origin: 'budstikke',
    text: 'Every recipient has confirmed that it has the file: nobody is left to take it back from',
  },
  bytesGone: {
    code: 9964,
    status: 409,
    origin: 'budstikke',
    text: 'The bytes of the file are not there, or not there any more: it cannot be sent anew',
  },
  overAlready: {
    code: 9963,
    status: 409,
    origin: 'budstikke',
    text: 'The file transfer is {state}: nobody can fetch it any more. What somebody has not fetched can be accepted as unfetched',
  },
});
