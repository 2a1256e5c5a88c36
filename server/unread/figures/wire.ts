import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '#kernel/schema.ts';

const Count = Type.Integer({ minimum: 0 });
const Within = Type.Object({ opened: Count, of: Count });

/** Pairs of a piece of post and a recipient: `opened`, `endedUnopened` and `unread` add up to `published`. */
const measures = {
  published: Count,
  opened: Count,
  /** Settled by something else than an opening. */
  endedUnopened: Count,
  unread: Count,
  /** Of those that were opened. */
  medianSeconds: Nullable(Type.Number()),
  p90Seconds: Nullable(Type.Number()),
  /** Of what was published so many days ago at least (`of`), how much was opened within so many days. */
  within: Type.Object({ days1: Within, days3: Within, days7: Within, days14: Within, days30: Within }),
};

export const Figures = Type.Object({
  sender: Uuid,
  from: Timestamp,
  to: Timestamp,
  /** A period is measured once a day. */
  measuredAt: Timestamp,
  total: Type.Object(measures),
  /** By the Monday on which the week began in Norway; a week without post is left out. */
  weeks: Type.Array(Type.Object({ week: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), ...measures })),
  /** The five hundred with most post. */
  resources: Type.Array(Type.Object({ resource: Type.String(), ...measures })),
  recipientKinds: Type.Array(Type.Object({ recipientKind: Type.String(), ...measures })),
  /** Why it was open a week after publication; what was opened or ended by then, or is not a week old, is left out. */
  causesAtDay7: Type.Array(Type.Object({ cause: Type.String(), ...measures })),
});
export type Figures = Static<typeof Figures>;
