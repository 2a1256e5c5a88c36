import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9670 to 9689. */
export const relayErrors = catalogue('BUD', {
  notSentByCaller: {
    code: 9670,
    status: 404,
    origin: 'budstikke',
    text: 'The caller has sent no message of this id that a ladder has turned to paper',
  },
});
