import Type, { type Static } from 'typebox';
import { Nullable, personal, Timestamp, Uuid } from '#kernel/schema.ts';
import { DialogStatus, SystemLabelName } from './enums.ts';
import { Actor } from './parts.ts';

/** As many values as a filter takes. Source: compatibility.md, platform, §5.2. */
export const mostValues = 20;

const optional = <T extends Type.TSchema>(schema: T) => Type.Optional(Nullable(schema));
const words = optional(Type.Array(Type.String({ maxLength: 300 }), { maxItems: mostValues }));
const time = optional(Timestamp);
const text = optional(Type.String({ maxLength: 1023 }));

export const ListQuery = Type.Object({
  org: words,
  serviceResource: words,
  party: optional(Type.Array(personal(Type.String({ maxLength: 300 })), { maxItems: mostValues })),
  extendedStatus: words,
  externalReference: text,
  status: optional(Type.Array(DialogStatus, { maxItems: mostValues })),
  createdAfter: time,
  createdBefore: time,
  updatedAfter: time,
  updatedBefore: time,
  contentUpdatedAfter: time,
  contentUpdatedBefore: time,
  isContentSeen: optional(Type.Boolean()),
  dueAfter: time,
  dueBefore: time,
  process: text,
  systemLabel: optional(Type.Array(SystemLabelName, { maxItems: mostValues })),
  excludeApiOnly: optional(Type.Boolean()),
  search: text,
  searchLanguageCode: text,
  orderBy: text,
  continuationToken: text,
  limit: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
export type ListQuery = Static<typeof ListQuery>;

export const DialogParams = Type.Object({ dialogId: Uuid });
export const ActivityParams = Type.Object({ dialogId: Uuid, activityId: Uuid });
export const TransmissionParams = Type.Object({ dialogId: Uuid, transmissionId: Uuid });
export const SeenParams = Type.Object({ dialogId: Uuid, seenLogId: Uuid });

const labels = optional(Type.Array(SystemLabelName, { maxItems: mostValues }));
/** `systemLabels` is the older name of `addLabels`. */
const relabelling = { systemLabels: labels, addLabels: labels, removeLabels: labels };
export const Relabel = Type.Object(relabelling);
export type Relabel = Static<typeof Relabel>;
export const RelabelMany = Type.Object({
  dialogs: Type.Array(Type.Object({ dialogId: Uuid, endUserContextRevision: optional(Uuid) }), { minItems: 1, maxItems: 100 }),
  ...relabelling,
});
export type RelabelMany = Static<typeof RelabelMany>;

export const LabelLog = Type.Array(Type.Object({ createdAt: Timestamp, name: Type.String(), action: Type.String(), performedBy: Actor }));
export type LabelLog = Static<typeof LabelLog>;

const party = {
  party: personal(Type.String()),
  partyUuid: Uuid,
  partyId: Type.Integer(),
  name: personal(Type.String()),
  dateOfBirth: Type.Null(),
  partyType: Type.String(),
  isDeleted: Type.Boolean(),
  hasKeyRole: Type.Boolean(),
  isCurrentEndUser: Type.Boolean(),
  isMainAdministrator: Type.Boolean(),
  isAccessManager: Type.Boolean(),
  hasOnlyAccessToSubParties: Type.Boolean(),
};
export const Parties = Type.Object({
  authorizedParties: Type.Array(Type.Object({ ...party, subParties: Type.Array(Type.Object(party)) })),
});
export type Parties = Static<typeof Parties>;

export const Limits = Type.Object({
  endUserSearch: Type.Object({
    maxPartyFilterValues: Type.Integer(),
    maxServiceResourceFilterValues: Type.Integer(),
    maxOrgFilterValues: Type.Integer(),
    maxExtendedStatusFilterValues: Type.Integer(),
  }),
  serviceOwnerSearch: Type.Object({
    maxPartyFilterValues: Type.Integer(),
    maxServiceResourceFilterValues: Type.Integer(),
    maxExtendedStatusFilterValues: Type.Integer(),
  }),
});
