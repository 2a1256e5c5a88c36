import Type, { type Static } from 'typebox';
import { Nullable, Timestamp, Uuid } from '#kernel/schema.ts';

const Day = Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$' });
const Count = Type.Integer({ minimum: 0 });

const Numbers = Type.Record(Type.String(), Count);
/** Counts of one kind of post: parts that add up, by their keys. */
const KindCounts = Type.Object({
  stock: Numbers,
  closedBy: Numbers,
  openBy: Numbers,
  openAge: Numbers,
  openByClass: Numbers,
  nextAction: Numbers,
  acts: Numbers,
});

export const Statements = Type.Object({
  statements: Type.Array(
    Type.Object({
      day: Day,
      madeAt: Timestamp,
      /** Of `canonical`: what will be signed. */
      sha256: Type.String(),
      previousSha256: Nullable(Type.String()),
      /** True when all parts add up. */
      holds: Type.Boolean(),
      broken: Type.Array(Type.String()),
      /** Canonical JSON (RFC 8785) of the statement, byte by byte as it was made. Null where it tells of post that the token may not send. */
      canonical: Nullable(Type.String()),
      /** Null of a kind that the token may not send. */
      messages: Nullable(KindCounts),
      files: Nullable(KindCounts),
    }),
  ),
});
export type Statements = Static<typeof Statements>;

export const PeriodQuery = Type.Object({
  /** Days of Norway; the first is in it, the last too. */
  from: Day,
  to: Day,
  /** Number of an organization that is gone and whose place the caller's has taken; the caller's own when left out. */
  sender: Type.Optional(Type.String({ pattern: '^\\d{9}$' })),
});
export type PeriodQuery = Static<typeof PeriodQuery>;

const Share = Nullable(Type.Number({ minimum: 0, maximum: 1 }));
export const TimeToOpen = Type.Object({
  sender: Uuid,
  from: Timestamp,
  to: Timestamp,
  /** A period is measured once a day. */
  measuredAt: Timestamp,
  groups: Type.Array(
    Type.Object({
      resource: Type.String(),
      recipientKind: Type.String(),
      causeAtDay7: Nullable(Type.String()),
      published: Count,
      opened: Count,
      /** Has ended, by an opening or otherwise: as `closed` of a statement. */
      closed: Count,
      /** Of those that were opened. */
      medianSeconds: Nullable(Type.Number()),
      p90Seconds: Nullable(Type.Number()),
      /** Of what was published so many days ago at least, opened within so many days; null where nothing is that old. */
      openedWithin: Type.Object({ days1: Share, days3: Share, days7: Share, days14: Share, days30: Share }),
      /** Of all that were published: ended without being opened, or lies unopened, which what was published yesterday mostly does. */
      neverOpened: Share,
    }),
  ),
});
export type TimeToOpen = Static<typeof TimeToOpen>;
