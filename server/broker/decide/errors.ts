import { catalogue } from '#kernel/refusal.ts';

/** Of our own operations: 9960 to 9969. */
export const decideErrors = catalogue('BUD', {
  notSent: {
    code: 9960,
    status: 404,
    origin: 'budstikke',
    text: 'There is no file transfer with this id that you have sent to this recipient',
  },
});
