import Type, { type Static } from 'typebox';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { IdOf, Nullable, oneOf, personal, Uuid, worded } from '#kernel/schema.ts';
import { DecisionRequest, WatchView } from '#watch/index.ts';

export const decisions = ['recall', 'accept-as-unread', 'read-elsewhere', 'resend'] as const;
const { name, reason } = DecisionRequest.properties;

/** Of `resend`: to whom, by number; the same recipient when left out. */
const to = Type.Optional(Nullable(personal(Type.String({ pattern: '^(\\d{9}|\\d{11})$' }))));

const own = {
  decision: Type.Unsafe<(typeof decisions)[number]>(Type.String({ enum: [...decisions] })),
  name,
  reason,
  /** Of `read-elsewhere`: where, and by what it is known. */
  source: Type.Optional(
    Nullable(worded(personal(Type.String({ maxLength: 500, pattern: '\\S' })), { violation: { pattern: 'The source is blank.' } })),
  ),
};

export const MessageParams = Type.Object({ correspondenceId: IdOf<CorrespondenceId>() });

/** What a sender decides of one message. */
export const Decision = Type.Object({
  ...own,
  to,
});
export type Decision = Static<typeof Decision>;

export const DecidedView = Type.Object({
  ...WatchView.properties,
  /** The message that was sent in the place of this one. */
  resentAs: Nullable(Uuid),
  /** The message in whose place this one was sent. */
  resentFrom: Nullable(Uuid),
  /**
   * It is on its way to paper: what waits, or lies at the print house yet, is taken back from there; what the house has goes by paper all the same,
   * and you hear of that within a minute, by an event and by mail. Null: it is not.
   */
  onPaper: Nullable(oneOf(['accepted', 'dropped', 'printed'])),
});
export type DecidedView = Static<typeof DecidedView>;

export const mostAtOnce = 500;
export const Decisions = Type.Object({
  ...own,
  to,
  items: Type.Array(
    Type.Object({
      id: Uuid,
      /** Of a file: the recipient's organization number. A message has one recipient. */
      recipient: Type.Optional(Nullable(Type.String({ pattern: '^\\d{9}$' }))),
    }),
    { minItems: 1, maxItems: mostAtOnce },
  ),
});
export type Decisions = Static<typeof Decisions>;

export const DecisionAnswers = Type.Object({
  decided: Type.Integer({ minimum: 0 }),
  /** In the order of the items. */
  answers: Type.Array(
    Type.Object({
      id: Uuid,
      recipient: Nullable(Type.String()),
      outcome: Nullable(Type.String()),
      resentAs: Nullable(Uuid),
      /** Why it was not decided. */
      error: Nullable(Type.Object({ code: Type.String(), text: Type.String() })),
    }),
  ),
});
export type DecisionAnswers = Static<typeof DecisionAnswers>;
