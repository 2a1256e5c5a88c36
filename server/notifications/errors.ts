import { catalogue } from '#kernel/refusal.ts';

/** Our own numbers, 9730 to 9739. */
export const notificationErrors = catalogue('BUD', {
  notABounce: {
    code: 9730,
    status: 400,
    origin: 'budstikke',
    text: 'The message is not a delivery status notification (RFC 3464) about a mail of ours',
  },
});
