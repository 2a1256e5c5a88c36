import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9787 to 9799. */
export const operatorErrors = catalogue('BUD', {
  notOperator: {
    code: 9787,
    status: 403,
    origin: 'budstikke',
    text: 'How the installation stands is seen by whoever administers access at the organization that runs it',
  },
});
