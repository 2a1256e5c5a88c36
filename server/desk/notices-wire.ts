import Type, { type Static } from 'typebox';
import { Nullable, oneOf, personal, Timestamp } from '#kernel/schema.ts';

const states = ['due', 'handing-over', 'handed-over', 'delivered', 'failed', 'cancelled', 'suppressed'] as const;

export const NoticeAttempts = Type.Object({
  correspondenceId: Type.String({ format: 'uuid' }),
  notices: Type.Array(
    Type.Object({
      id: Type.String({ format: 'uuid' }),
      /** The recipient itself, a person who may act for it, or an address that the sender named. */
      to: oneOf(['recipient', 'person', 'named']),
      purpose: Type.String(),
      channel: oneOf(['email', 'sms']),
      /** So much of it as tells one from another: `k•••@e•••.no`. */
      address: personal(Type.String()),
      /** `handed-over`: the next server took it, no more. `suppressed`: the same address had heard the same. */
      state: oneOf(states),
      /** Why it failed. Of what was called off: `address-gone`, another address is told in its place. */
      failure: Nullable(Type.String()),
      /** When it is tried next; later than planned where hours of SMS, quiet hours or a carrier hold it up. */
      dueAt: Nullable(Timestamp),
      changedAt: Timestamp,
      orderedBySender: Type.Boolean(),
      attempts: Type.Array(
        Type.Object({
          at: Timestamp,
          /** `later`: the carrier would not take it yet. */
          outcome: oneOf(['handed-over', 'later', 'refused']),
          reason: Nullable(Type.String()),
        }),
      ),
    }),
    { description: 'Oldest first.' },
  ),
  next: Nullable(Type.String({ description: 'Ask again with `after` set to this for what follows.' })),
});
export type NoticeAttempts = Static<typeof NoticeAttempts>;

export const NoticesQuery = Type.Object({ after: Type.Optional(Type.String({ format: 'uuid' })) });
