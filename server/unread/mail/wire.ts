import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { digestSections } from '#watch/index.ts';

export const MailsQuery = Type.Object({
  /** The last id of the page before. */
  before: Type.Optional(Uuid),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
export type MailsQuery = Static<typeof MailsQuery>;

const Answer = Nullable(
  personal(Type.String({ description: 'In the words of the mail server or gateway; null of the address of another.' })),
);

export const SenderMails = Type.Object({
  mails: Type.Array(
    Type.Object({
      id: Uuid,
      /**
       * What it tells first, of the kinds of post that the token may send. `subscription-paused`: that a webhook is paused, since its endpoint does
       * not answer. `extract`: what the routine brings.
       */
      purpose: oneOf([...digestSections, 'subscription-paused', 'extract']),
      channel: oneOf(['email', 'sms']),
      /** Whole where it is the sender's own; of who hears for it so much as tells one from another: `k•••@e•••.no`. */
      address: personal(Type.String()),
      /** The organization that hears for the sender; null of the sender itself. */
      toOther: Nullable(Type.String()),
      /** `handed-over`: the next server took it, no more. `cancelled`: nothing of what it was to say was so any more. */
      state: oneOf(['due', 'handing-over', 'handed-over', 'delivered', 'failed', 'cancelled']),
      /** Why it failed. */
      failure: Nullable(Type.String()),
      /** When it is tried next. */
      dueAt: Nullable(Timestamp),
      changedAt: Timestamp,
      /** What was said last of it, also when it came back. */
      answer: Answer,
      /** How often it was tried. Of an extract the last attempt alone is kept. */
      tries: Type.Integer({ minimum: 0 }),
      attempts: Type.Array(
        Type.Object({
          at: Timestamp,
          /** `later`: it was not taken yet. */
          outcome: oneOf(['handed-over', 'later', 'refused']),
          reason: Nullable(Type.String()),
          answer: Answer,
        }),
      ),
    }),
    { description: 'Latest first.' },
  ),
  next: Nullable(Type.String({ description: 'Ask again with `before` set to this for what came before.' })),
});
export type SenderMails = Static<typeof SenderMails>;
