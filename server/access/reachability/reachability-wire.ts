import Type, { type Static } from 'typebox';
import { Enumeration, Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';

const ResourceName = Type.String({ minLength: 1, maxLength: 255 });
const AttachmentResources = Type.Optional(
  Type.Array(ResourceName, { maxItems: 20, description: 'Resources of the attachments, where they are others than the letter’s.' }),
);
const PartyReference = Type.String({ minLength: 1, maxLength: 300 });

export const ReachabilityQuery = Type.Object({
  resource: ResourceName,
  attachmentResources: AttachmentResources,
  party: personal(PartyReference),
});
export type ReachabilityQuery = Static<typeof ReachabilityQuery>;

/** One letter to many. */
export const ReachabilityRequest = Type.Object({
  resource: ResourceName,
  attachmentResources: AttachmentResources,
  parties: Type.Array(personal(PartyReference), { minItems: 1, maxItems: 500 }),
});
export type ReachabilityRequest = Static<typeof ReachabilityRequest>;

const counts = {
  class: Enumeration('Reachability', { UNREACHABLE: 0, GRANTABLE: 1, COLD: 2, REACHABLE: 3, PROVEN: 4 }),
  persons: Type.Integer(),
  systems: Type.Integer(),
  /** Organizations that could fetch by machine and have not been seen to. */
  possibleSystems: Type.Integer(),
  grantors: Type.Integer(),
  /** Resources of attachments that nobody who can open the letter can open. */
  lockedResources: Type.Array(Type.String()),
  computedAt: Timestamp,
};
export const Reachability = Type.Object(counts);
export type Reachability = Static<typeof Reachability>;

const Named = Type.Object({
  party: Uuid,
  kind: Type.Enum(['person', 'system']),
  name: personal(Type.String()),
});

export const NamedReachability = Type.Object({
  ...counts,
  /** For who administers access at the party only; a hundred at most. */
  openers: Nullable(Type.Array(Named)),
  grantingPersons: Nullable(Type.Array(Named)),
});
export type NamedReachability = Static<typeof NamedReachability>;

/** In the order asked, each by the name that it was asked by. */
export const ReachabilityList = Type.Object({
  parties: Type.Array(
    Type.Object({
      party: personal(Type.String()),
      /** Null: the party is not known. */
      reachability: Nullable(Reachability),
    }),
  ),
});
export type ReachabilityList = Static<typeof ReachabilityList>;
