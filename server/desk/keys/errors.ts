import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9843 to 9849. */
export const keysErrors = catalogue('BUD', {
  notForTheWhole: {
    code: 9843,
    status: 403,
    origin: 'budstikke',
    text: 'The keys of an organization are shown to its own client (scope altinn:serviceowner), and to whoever administers access there',
  },
});
