import Type, { type Static } from 'typebox';
import type { CorrespondenceId } from '#kernel/ids.ts';
import { IdOf, Nullable, Timestamp } from '#kernel/schema.ts';

export const MessageParams = Type.Object({ correspondenceId: IdOf<CorrespondenceId>() });

export const TimelineEntry = Type.Object({
  id: Type.String({ format: 'uuid', description: 'Id of the evidence row.' }),
  at: Timestamp,
  event: Type.String({ description: 'Name of the step; names of ETSI EN 319 522 where it has one.' }),
  uri: Type.String(),
  proves: Type.String({ description: 'The level of proof: what the step shows, and no more.' }),
  sentence: Type.String({ description: 'What that level says, in words.' }),
  core: Type.Record(Type.String(), Type.Unknown()),
  who: Type.Record(Type.String(), Type.Unknown()),
  what: Type.Record(Type.String(), Type.Unknown()),
});
export type TimelineEntry = Static<typeof TimelineEntry>;

export const Timeline = Type.Object({
  correspondenceId: Type.String({ format: 'uuid' }),
  entries: Type.Array(TimelineEntry, { description: 'Oldest first.' }),
  next: Nullable(Type.String({ description: 'Ask again with `after` set to this for what follows.' })),
});

export const TimelineQuery = Type.Object({
  after: Type.Optional(Type.String({ format: 'uuid' })),
  language: Type.Optional(Type.Union([Type.Literal('nb'), Type.Literal('nn'), Type.Literal('en')])),
});

export const InvariantReport = Type.Object({
  at: Timestamp,
  holds: Type.Boolean({ description: 'True when no invariant is broken.' }),
  openWatches: Type.Integer({ description: 'How much of what the caller has sent is open under watch.' }),
  invariants: Type.Array(
    Type.Object({
      name: Type.String(),
      holds: Type.Boolean(),
      violations: Type.Integer({ description: 'Counted up to 100.' }),
      ids: Type.Array(Type.String(), { description: 'Ids of what breaks it; for operators only.' }),
    }),
  ),
});
export type InvariantReport = Static<typeof InvariantReport>;
