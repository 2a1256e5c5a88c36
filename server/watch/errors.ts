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
});
