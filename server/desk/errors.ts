import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9500 to 9599. */
export const deskErrors = catalogue('BUD', {
  messageNotFound: { code: 9501, status: 404, origin: 'budstikke', text: 'There is no message with this id that you have sent' },
});
