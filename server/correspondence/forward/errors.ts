import { catalogue } from '#kernel/refusal.ts';

/** Ours: add rows, never renumber or reword. */
export const forwardErrors = catalogue('BUD', {
  linkNotValid: {
    code: 9710,
    status: 404,
    origin: 'budstikke',
    text: 'The link does not open anything. It opens its file a few times within some days, and not after the letter is deleted.',
  },
});
